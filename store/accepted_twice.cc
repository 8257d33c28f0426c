#include "store/accepted_twice.h"

#include "store/digest_index.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::store {
namespace {

constexpr std::string_view kLookingForTwice = "look for events that were accepted twice";
constexpr const char* kSelectEnds = "SELECT run, to_seq FROM identity_run ORDER BY run";
constexpr const char* kSelectChunksOfRun =
    "SELECT entries FROM identity_chunk WHERE run = ? ORDER BY chunk";
constexpr const char* kSelectSameEvent =
    "SELECT 1 FROM audit_log AS a NOT INDEXED CROSS JOIN audit_log AS b NOT INDEXED "
    "WHERE a.seq = ? AND b.seq = ? AND a.ce_source = b.ce_source AND a.ce_id = b.ce_id";

// Entries in the order of their digests, one after the other.
class SortedEntries {
public:
    // Those of a stored run.
    SortedEntries(soci::session& session, std::int64_t run)
        : chunks_(std::make_unique<RowStatement>(session, kSelectChunksOfRun)) {
        chunks_->bind(run);
    }
    explicit SortedEntries(std::vector<DigestEntry> sorted) : entries_(std::move(sorted)) {}

    std::optional<DigestEntry> next() {
        while (at_ == entries_.size()) {
            if (chunks_ == nullptr || !chunks_->fetch()) {
                chunks_.reset();
                return std::nullopt;
            }
            take_chunk(chunks_->text(0));
        }
        return entries_[at_++];
    }

private:
    void take_chunk(std::string_view chunk) {
        entries_.clear();
        for (std::size_t i = 0; i < entries_in(chunk); ++i) {
            entries_.push_back(entry_at(chunk, i));
        }
        at_ = 0;
    }

    std::unique_ptr<RowStatement> chunks_;  // none, or none that are left
    std::vector<DigestEntry> entries_;
    std::size_t at_ = 0;
};

std::vector<SortedEntries> read_sources(soci::session& session) {
    std::vector<SortedEntries> sources;
    std::int64_t runs_end = 0;
    RowStatement runs(session, kSelectEnds);
    while (runs.fetch()) {
        sources.emplace_back(session, runs.number(0));
        runs_end = runs.number(1);
    }
    std::vector<DigestEntry> recent;
    RowStatement rows(session, kIdentityIndex.select_entries);
    rows.bind(runs_end);
    while (rows.fetch()) {
        recent.push_back({digest_of({rows.text(1), rows.text(2)}), rows.number(0)});
    }
    std::sort(recent.begin(), recent.end());
    sources.emplace_back(std::move(recent));
    return sources;
}

// All entries of all sources, in the order of their digests.
class Merge {
public:
    explicit Merge(std::vector<SortedEntries> sources) : sources_(std::move(sources)) {
        for (std::size_t source = 0; source < sources_.size(); ++source) {
            add_next_of(source);
        }
    }

    std::optional<DigestEntry> next() {
        if (heads_.empty()) {
            return std::nullopt;
        }
        const auto [entry, source] = heads_.top();
        heads_.pop();
        add_next_of(source);
        return entry;
    }

private:
    using Head = std::pair<DigestEntry, std::size_t>;

    void add_next_of(std::size_t source) {
        if (const auto entry = sources_[source].next()) {
            heads_.emplace(*entry, source);
        }
    }

    std::vector<SortedEntries> sources_;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
};

// The one of `alike` whose record accepts the same event.
std::optional<AcceptedTwice> find_same(RowStatement& same,
                                       const std::vector<DigestEntry>& alike,
                                       const DigestEntry& entry) {
    for (const DigestEntry& earlier : alike) {
        same.bind(earlier.seq).bind(entry.seq);
        if (same.fetch()) {
            return AcceptedTwice{earlier.seq, entry.seq};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<AcceptedTwice> find_accepted_twice(const LogReader& snapshot) {
    soci::session& session = snapshot.database().session();
    return guarded(kLookingForTwice, [&]() -> std::optional<AcceptedTwice> {
        Merge entries(read_sources(session));
        RowStatement same(session, kSelectSameEvent);
        std::vector<DigestEntry> alike;  // of one digest
        while (const auto entry = entries.next()) {
            if (!alike.empty() && alike.front().digest != entry->digest) {
                alike.clear();
            }
            if (const auto found = find_same(same, alike, *entry)) {
                return found;
            }
            alike.push_back(*entry);
        }
        return std::nullopt;
    });
}

}  // namespace dcm::store
