#include "store/identity_index.h"

#include "audit/hash.h"
#include "store/row_statement.h"

#include <algorithm>
#include <cstddef>

namespace dcm::store {
namespace {

constexpr const char* kSelectRuns =
    "SELECT run, to_seq, filter, fence FROM identity_run ORDER BY run";
constexpr const char* kSelectChunk =
    "SELECT entries FROM identity_chunk WHERE run = :run AND chunk = :chunk";
constexpr const char* kSelectRecent =
    "SELECT seq, ce_source, ce_id FROM audit_log "
    "WHERE seq >= :from AND outcome = 'accepted' AND ce_source IS NOT NULL AND ce_id IS NOT NULL "
    "AND kind IN ('event.received', 'quarantine.retried') ORDER BY seq";
constexpr const char* kInsertRun =
    "INSERT INTO identity_run (run, from_seq, to_seq, filter, fence) VALUES (?, ?, ?, ?, ?)";
constexpr const char* kInsertChunk =
    "INSERT INTO identity_chunk (run, chunk, entries) VALUES (?, ?, ?)";

// Half a page: a lookup reads one.
constexpr std::size_t kChunkEntries = 512;
constexpr std::size_t kNumberBytes = 8;

void append_number(std::string& out, std::int64_t number) {
    auto value = static_cast<std::uint64_t>(number);
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
    }
}

std::int64_t number_at(const std::string& bytes, std::size_t index) {
    std::uint64_t value = 0;
    for (std::size_t i = index * kNumberBytes; i < (index + 1) * kNumberBytes; ++i) {
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return static_cast<std::int64_t>(value);
}

std::string length_prefix(std::string_view text) {
    std::string prefix;
    append_number(prefix, static_cast<std::int64_t>(text.size()));
    return prefix;
}

// Where chunks end: after kChunkEntries, and never between two entries of one digest.
std::size_t chunk_end(const std::vector<IdentityEntry>& entries, std::size_t begin) {
    std::size_t end = std::min(begin + kChunkEntries, entries.size());
    while (end < entries.size() && entries[end].digest == entries[end - 1].digest) {
        ++end;
    }
    return end;
}

}  // namespace

struct IdentityIndex::Run {
    std::int64_t run = 0;
    IdentityFilter filter;
    std::vector<IdentityDigest> fence;  // the first digest of each chunk
};

IdentityDigest identity_digest(const EventKey& key) {
    const audit::Hash hash =
        audit::sha256({length_prefix(key.source), key.source, length_prefix(key.id), key.id});
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
        value = value << 8U | hash[i];
    }
    return static_cast<IdentityDigest>(value);
}

IdentityRunBytes lay_out_run(const std::vector<IdentityEntry>& entries) {
    IdentityRunBytes bytes;
    bytes.filter = IdentityFilter(entries).stored();
    for (std::size_t begin = 0; begin < entries.size();) {
        const std::size_t end = chunk_end(entries, begin);
        append_number(bytes.fence, entries[begin].digest);
        std::string& chunk = bytes.chunks.emplace_back();
        for (; begin < end; ++begin) {
            append_number(chunk, entries[begin].digest);
            append_number(chunk, entries[begin].seq);
        }
    }
    return bytes;
}

void insert_run(soci::session& session, const IdentityRunKey& key, const IdentityRunBytes& bytes) {
    RowStatement insert_chunk(session, kInsertChunk);
    std::int64_t number = 0;
    for (const std::string& chunk : bytes.chunks) {
        insert_chunk.bind(key.run).bind(number).bind_bytes(chunk).run();
        ++number;
    }
    RowStatement insert_run(session, kInsertRun);
    insert_run.bind(key.run)
        .bind(key.from_seq)
        .bind(key.to_seq)
        .bind_bytes(bytes.filter)
        .bind_bytes(bytes.fence)
        .run();
}

IdentityIndex::IdentityIndex(soci::session& session, IdentityOptions options)
    : session_(session),
      options_(options),
      select_chunk_((session.prepare << kSelectChunk,
                     soci::use(run_no_, "run"),
                     soci::use(chunk_no_, "chunk"),
                     soci::into(chunk_))) {
    load_runs();
    load_recent();
}

IdentityIndex::~IdentityIndex() = default;

void IdentityIndex::load_runs() {
    std::int64_t run = 0;
    IdentityRunBytes bytes;
    soci::statement statement = (session_.prepare << kSelectRuns,
                                 soci::into(run),
                                 soci::into(runs_end_),
                                 soci::into(bytes.filter),
                                 soci::into(bytes.fence));
    statement.execute();
    while (statement.fetch()) {
        keep_run(run, bytes);
    }
}

void IdentityIndex::keep_run(std::int64_t run, const IdentityRunBytes& bytes) {
    std::vector<IdentityDigest> firsts(bytes.fence.size() / kNumberBytes);
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        firsts[i] = number_at(bytes.fence, i);
    }
    runs_.push_back(
        std::make_unique<Run>(Run{run, IdentityFilter(bytes.filter), std::move(firsts)}));
}

void IdentityIndex::load_recent() {
    std::int64_t seq = 0;
    std::string source;
    std::string id;
    soci::statement statement = (session_.prepare << kSelectRecent,
                                 soci::use(runs_end_, "from"),
                                 soci::into(seq),
                                 soci::into(source),
                                 soci::into(id));
    statement.execute();
    while (statement.fetch()) {
        recent_.add({options_.digest({source, id}), seq});
    }
}

const std::vector<std::int64_t>& IdentityIndex::candidates(IdentityDigest digest) {
    found_.clear();
    recent_.find(digest, found_);
    for (const auto& run : runs_) {
        if (run->filter.may_hold(digest)) {
            find_in_run(*run, digest);
        }
    }
    return found_;
}

void IdentityIndex::find_in_run(const Run& run, IdentityDigest digest) {
    const auto after = std::upper_bound(run.fence.begin(), run.fence.end(), digest);
    if (after == run.fence.begin()) {
        return;
    }
    run_no_ = run.run;
    chunk_no_ = after - run.fence.begin() - 1;
    if (!fetch_one(select_chunk_)) {
        return;
    }
    const std::size_t count = chunk_.size() / (2 * kNumberBytes);
    for (std::size_t i = 0; i < count; ++i) {
        if (number_at(chunk_, 2 * i) == digest) {
            found_.push_back(number_at(chunk_, 2 * i + 1));
        }
    }
}

void IdentityIndex::add(const IdentityEntry& entry) {
    recent_.add(entry);
}

void IdentityIndex::lay_down(std::int64_t log_size) {
    if (recent_.size() < options_.run_entries) {
        return;
    }
    const std::int64_t run = runs_.empty() ? 0 : runs_.back()->run + 1;
    const IdentityRunBytes bytes = lay_out_run(recent_.take_sorted());
    insert_run(session_, {run, runs_end_, log_size}, bytes);
    keep_run(run, bytes);
    runs_end_ = log_size;
}

}  // namespace dcm::store
