#include "store/identity_check.h"

#include "store/row_check.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kRebuilding = "rebuild";
constexpr const char* kSelectRuns = "SELECT run, from_seq, to_seq FROM identity_run ORDER BY run";
constexpr const char* kSelectRun = "SELECT filter, fence FROM identity_run WHERE run = ?";
constexpr const char* kSelectChunks =
    "SELECT chunk, entries FROM identity_chunk WHERE run = ? ORDER BY chunk";
constexpr const char* kSelectOrphan =
    "SELECT run, chunk FROM identity_chunk WHERE run NOT IN (SELECT run FROM identity_run) "
    "ORDER BY run, chunk LIMIT 1";
constexpr const char* kSelectAccepted =
    "SELECT seq, ce_source, ce_id FROM audit_log "
    "WHERE outcome = 'accepted' AND ce_source IS NOT NULL AND ce_id IS NOT NULL "
    "AND kind IN ('event.received', 'quarantine.retried') ORDER BY seq";
constexpr const char* kClear = "DELETE FROM identity_chunk; DELETE FROM identity_run";

std::string told_run(std::int64_t run) {
    return "identity_run " + std::to_string(run);
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of the table's key.
std::string told_chunk(std::int64_t run, std::int64_t chunk) {
    return "identity_chunk " + std::to_string(chunk) + " of run " + std::to_string(run);
}

struct StoredRuns {
    std::vector<IdentityRunKey> sound;          // those that follow each other from the first on
    std::optional<std::int64_t> first_unsound;  // its number
};

StoredRuns read_runs(soci::session& session, std::int64_t log_size) {
    StoredRuns runs;
    std::int64_t from = 0;
    RowStatement rows(session, kSelectRuns);
    while (rows.fetch() && !runs.first_unsound) {
        const IdentityRunKey key{rows.number(0), rows.number(1), rows.number(2)};
        const bool is_sound = key.run == static_cast<std::int64_t>(runs.sound.size()) &&
                              key.from_seq == from && key.to_seq > from && key.to_seq <= log_size;
        if (is_sound) {
            runs.sound.push_back(key);
            from = key.to_seq;
        } else {
            runs.first_unsound = key.run;
        }
    }
    return runs;
}

// The first of its rows that is not as laid out; empty when there is none.
std::string run_difference(soci::session& session,
                           std::int64_t run,
                           const IdentityRunBytes& expected) {
    RowStatement run_row(session, kSelectRun);
    run_row.bind(run);
    const bool is_same =
        run_row.fetch() && RowCheck(run_row).is(expected.filter).is(expected.fence).passed();
    if (!is_same) {
        return told_run(run);
    }
    RowStatement rows(session, kSelectChunks);
    rows.bind(run);
    std::int64_t number = 0;
    for (const std::string& chunk : expected.chunks) {
        if (!rows.fetch() || !RowCheck(rows).is(number).is(chunk).passed()) {
            return told_chunk(run, number);
        }
        ++number;
    }
    return rows.fetch() ? told_chunk(run, rows.number(0)) : "";
}

}  // namespace

IdentityCheck::IdentityCheck(soci::session& session, std::int64_t log_size) {
    const StoredRuns stored = read_runs(session, log_size);
    for (const IdentityRunKey& key : stored.sound) {
        runs_.push_back({key, key.to_seq - key.from_seq, {}});
    }
    if (stored.first_unsound) {
        difference_.tell(*stored.first_unsound, told_run(*stored.first_unsound));
    }
}

void IdentityCheck::add(soci::session& session,
                        SeqRange stretch,
                        std::span<const IdentityEntry> entries) {
    std::vector<Run> complete;
    {
        const std::lock_guard lock(mutex_);
        for (Run& run : runs_) {
            if (auto whole = add_to(run, stretch, entries)) {
                complete.push_back(std::move(*whole));
            }
        }
    }
    for (Run& run : complete) {
        compare(session, std::move(run));
    }
}

// The run, taken out, when it is complete now.
std::optional<IdentityCheck::Run> IdentityCheck::add_to(Run& run,
                                                        SeqRange stretch,
                                                        std::span<const IdentityEntry> entries) {
    const std::int64_t from = std::max(stretch.from, run.key.from_seq);
    const std::int64_t to = std::min(stretch.to, run.key.to_seq);
    if (from >= to) {
        return std::nullopt;
    }
    const auto is_before = [](const IdentityEntry& entry, std::int64_t seq) {
        return entry.seq < seq;
    };
    run.entries.insert(run.entries.end(),
                       std::lower_bound(entries.begin(), entries.end(), from, is_before),
                       std::lower_bound(entries.begin(), entries.end(), to, is_before));
    run.missing -= to - from;
    return run.missing == 0 ? std::optional(std::exchange(run, {run.key, 0, {}})) : std::nullopt;
}

void IdentityCheck::compare(soci::session& session, Run run) {
    std::sort(run.entries.begin(), run.entries.end());
    auto found = run_difference(session, run.key.run, lay_out_run(run.entries));
    if (!found.empty()) {
        difference_.tell(run.key.run, std::move(found));
    }
}

std::string IdentityCheck::difference(soci::session& session) const {
    if (std::string found = difference_.what(); !found.empty()) {
        return found;
    }
    RowStatement orphan(session, kSelectOrphan);
    return orphan.fetch() ? told_chunk(orphan.number(0), orphan.number(1)) : "";
}

void lay_runs_down_again(soci::session& session, std::int64_t log_size) {
    const std::vector<IdentityRunKey> ends = read_runs(session, log_size).sound;
    migrations::run_script(session, kClear, kRebuilding);
    std::vector<IdentityEntry> entries;
    IdentityRunKey key;
    const auto lay_down = [&](std::int64_t to) {
        key.to_seq = to;
        std::sort(entries.begin(), entries.end());
        insert_run(session, key, lay_out_run(entries));
        entries.clear();
        key = {key.run + 1, to, 0};
    };
    const auto next_end = [&]() -> std::optional<std::int64_t> {
        const auto index = static_cast<std::size_t>(key.run);
        return index < ends.size() ? std::optional(ends[index].to_seq) : std::nullopt;
    };
    RowStatement rows(session, kSelectAccepted);
    while (rows.fetch()) {
        const std::int64_t seq = rows.number(0);
        while (next_end() && *next_end() <= seq) {
            lay_down(*next_end());
        }
        entries.push_back({identity_digest({rows.text(1), rows.text(2)}), seq});
        if (!next_end() && entries.size() >= IdentityOptions{}.run_entries) {
            lay_down(seq + 1);
        }
    }
    while (next_end()) {
        lay_down(*next_end());
    }
}

}  // namespace dcm::store
