#include "store/digest_index.h"

#include "audit/hash.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace dcm::store {
namespace {

// Half a page: a lookup reads one.
constexpr std::size_t kChunkEntries = 512;
constexpr std::size_t kNumberBytes = 8;

constexpr const char* kAcceptedEvents =
    "SELECT seq, ce_source, ce_id FROM audit_log NOT INDEXED "
    "WHERE seq >= ? AND outcome = 'accepted' AND ce_source IS NOT NULL AND ce_id IS NOT NULL "
    "AND kind IN ('event.received', 'quarantine.retried') ORDER BY seq";
// An instance has the number of the message it was first known by, whose verdict may have been
// retried later. Left alone, SQLite reads the whole log for them, because that is in order.
constexpr const char* kFirstVerdicts =
    "SELECT i.instance_no, i.service_type, i.instance_id FROM instance AS i "
    "WHERE i.instance_no >= ?1 AND NOT EXISTS ("
    " SELECT 1 FROM audit_log AS r WHERE r.kind = 'quarantine.retried'"
    " AND r.subject = 'seq/' || i.instance_no AND r.outcome = 'accepted') "
    "UNION ALL "
    "SELECT r.seq, i.service_type, i.instance_id FROM audit_log AS r INDEXED BY audit_log_retried "
    "INNER JOIN instance AS i ON i.instance_no = CAST(substr(r.subject, 5) AS INTEGER) "
    "WHERE r.kind = 'quarantine.retried' AND r.outcome = 'accepted' AND r.seq >= ?1 ORDER BY 1";

void append_number(std::string& out, std::int64_t number) {
    auto value = static_cast<std::uint64_t>(number);
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
    }
}

std::int64_t number_at(std::string_view bytes, std::size_t index) {
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
std::size_t chunk_end(const std::vector<DigestEntry>& entries, std::size_t begin) {
    std::size_t end = std::min(begin + kChunkEntries, entries.size());
    while (end < entries.size() && entries[end].digest == entries[end - 1].digest) {
        ++end;
    }
    return end;
}

std::string select_runs(const DigestIndexKind& kind) {
    return std::string("SELECT run, to_seq, filter, fence FROM ") + kind.runs + " ORDER BY run";
}

std::string select_chunk(const DigestIndexKind& kind) {
    return std::string("SELECT entries FROM ") + kind.chunks + " WHERE run = ? AND chunk = ?";
}

std::string select_end(const DigestIndexKind& kind) {
    return std::string("SELECT count(*), coalesce(max(to_seq), 0) FROM ") + kind.runs;
}

std::string insert_run_row(const DigestIndexKind& kind) {
    return std::string("INSERT INTO ") + kind.runs +
           " (run, from_seq, to_seq, filter, fence) VALUES (?, ?, ?, ?, ?)";
}

std::string insert_chunk_row(const DigestIndexKind& kind) {
    return std::string("INSERT INTO ") + kind.chunks + " (run, chunk, entries) VALUES (?, ?, ?)";
}

// What cannot have been laid out by lay_out_run() would be read past its end.
// Behind it are numbers of records, which are none below 0.
void require_whole(const DigestIndexKind& kind, const RunKey& key, const RunBytes& bytes) {
    const bool is_whole = DigestFilter::is_stored_form(bytes.filter) &&
                          bytes.fence.size() % kNumberBytes == 0 && key.to_seq >= 0;
    if (!is_whole) {
        throw Failure(ErrorKind::malformed,
                      std::string(kind.runs) + ": run " + std::to_string(key.run) +
                          " is damaged; nothing was written, run `dcm-billing rebuild`");
    }
}

}  // namespace

const DigestIndexKind kIdentityIndex{"identity_run", "identity_chunk", kAcceptedEvents};
const DigestIndexKind kInstanceIndex{"instance_run", "instance_chunk", kFirstVerdicts};

struct DigestIndex::Run {
    std::int64_t run = 0;
    DigestFilter filter;
    std::vector<Digest> fence;  // the first digest of each chunk
};

Digest digest_of(const TextPair& key) {
    const audit::Hash hash =
        audit::sha256({length_prefix(key.first), key.first, length_prefix(key.second), key.second});
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
        value = value << 8U | hash[i];
    }
    return static_cast<Digest>(value);
}

RunBytes lay_out_run(const std::vector<DigestEntry>& entries) {
    RunBytes bytes;
    bytes.filter = DigestFilter(entries).stored();
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

std::size_t entries_in(std::string_view chunk) {
    return chunk.size() / (2 * kNumberBytes);
}

DigestEntry entry_at(std::string_view chunk, std::size_t index) {
    return {number_at(chunk, 2 * index), number_at(chunk, 2 * index + 1)};
}

void insert_run(soci::session& session,
                const DigestIndexKind& kind,
                const RunKey& key,
                const RunBytes& bytes) {
    RowStatement insert_chunk(session, insert_chunk_row(kind).c_str());
    std::int64_t number = 0;
    for (const std::string& chunk : bytes.chunks) {
        insert_chunk.bind(key.run).bind(number).bind_bytes(chunk).run();
        ++number;
    }
    RowStatement insert_run(session, insert_run_row(kind).c_str());
    insert_run.bind(key.run)
        .bind(key.from_seq)
        .bind(key.to_seq)
        .bind_bytes(bytes.filter)
        .bind_bytes(bytes.fence)
        .run();
}

DigestIndex::DigestIndex(soci::session& session, const DigestIndexKind& kind, DigestOptions options)
    : session_(session),
      kind_(kind),
      options_(options),
      select_chunk_(session, select_chunk(kind).c_str()),
      select_end_(session, select_end(kind).c_str()) {
    load_runs();
    load_recent();
}

DigestIndex::~DigestIndex() = default;

void DigestIndex::load_runs() {
    RowStatement rows(session_, select_runs(kind_).c_str());
    RunBytes bytes;
    while (rows.fetch()) {
        runs_end_ = rows.number(1);
        rows.copy_to(bytes.filter, 2);
        rows.copy_to(bytes.fence, 3);
        require_whole(kind_, {rows.number(0), /*from_seq=*/0, runs_end_}, bytes);
        keep_run(rows.number(0), bytes);
    }
}

void DigestIndex::keep_run(std::int64_t run, const RunBytes& bytes) {
    std::vector<Digest> firsts(bytes.fence.size() / kNumberBytes);
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        firsts[i] = number_at(bytes.fence, i);
    }
    runs_.push_back(std::make_unique<Run>(Run{run, DigestFilter(bytes.filter), std::move(firsts)}));
}

void DigestIndex::load_recent() {
    RowStatement rows(session_, kind_.select_entries);
    rows.bind(runs_end_);
    while (rows.fetch()) {
        recent_.add({options_.digest({rows.text(1), rows.text(2)}), rows.number(0)});
    }
}

bool DigestIndex::is_current() {
    bool is_current = false;
    while (select_end_.fetch()) {
        is_current = std::cmp_equal(select_end_.number(0), runs_.size()) &&
                     select_end_.number(1) == runs_end_;
    }
    return is_current;
}

const std::vector<std::int64_t>& DigestIndex::candidates(Digest digest) {
    found_.clear();
    recent_.find(digest, found_);
    for (const auto& run : runs_) {
        if (run->filter.may_hold(digest)) {
            find_in_run(*run, digest);
        }
    }
    return found_;
}

void DigestIndex::find_in_run(const Run& run, Digest digest) {
    const auto after = std::upper_bound(run.fence.begin(), run.fence.end(), digest);
    if (after == run.fence.begin()) {
        return;
    }
    select_chunk_.bind(run.run).bind(std::int64_t{after - run.fence.begin() - 1});
    while (select_chunk_.fetch()) {
        const std::string_view chunk = select_chunk_.text(0);
        for (std::size_t i = 0; i < entries_in(chunk); ++i) {
            if (const DigestEntry entry = entry_at(chunk, i); entry.digest == digest) {
                found_.push_back(entry.seq);
            }
        }
    }
}

void DigestIndex::add(const DigestEntry& entry) {
    recent_.add(entry);
}

void DigestIndex::lay_down(std::int64_t log_size) {
    if (recent_.size() < options_.run_entries) {
        return;
    }
    const std::int64_t run = runs_.empty() ? 0 : runs_.back()->run + 1;
    const RunBytes bytes = lay_out_run(recent_.take_sorted());
    insert_run(session_, kind_, {run, runs_end_, log_size}, bytes);
    keep_run(run, bytes);
    runs_end_ = log_size;
}

}  // namespace dcm::store
