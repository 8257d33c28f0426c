#include "store/run_check.h"

#include "store/derived_ledger.h"
#include "store/row_check.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

std::string told_run(const DigestIndexKind& kind, std::int64_t run) {
    return std::string(kind.runs) + " " + std::to_string(run);
}

std::string told_chunk(const DigestIndexKind& kind, std::int64_t run, std::int64_t chunk) {
    return std::string(kind.chunks) + " " + std::to_string(chunk) + " of run " +
           std::to_string(run);
}

std::string select_run_keys(const DigestIndexKind& kind) {
    return std::string("SELECT run, from_seq, to_seq FROM ") + kind.runs + " ORDER BY run";
}

std::string select_run(const DigestIndexKind& kind) {
    return std::string("SELECT filter, fence FROM ") + kind.runs + " WHERE run = ?";
}

std::string select_chunks(const DigestIndexKind& kind) {
    return std::string("SELECT chunk, entries FROM ") + kind.chunks +
           " WHERE run = ? ORDER BY chunk";
}

std::string select_orphan(const DigestIndexKind& kind) {
    return std::string("SELECT run, chunk FROM ") + kind.chunks +
           " WHERE run NOT IN (SELECT run FROM " + kind.runs + ") ORDER BY run, chunk LIMIT 1";
}

struct StoredRuns {
    std::vector<RunKey> sound;                  // those that follow each other from the first on
    std::optional<std::int64_t> first_unsound;  // its number
};

StoredRuns read_runs(soci::session& session, const DigestIndexKind& kind, std::int64_t log_size) {
    StoredRuns runs;
    std::int64_t from = 0;
    RowStatement rows(session, select_run_keys(kind).c_str());
    while (rows.fetch() && !runs.first_unsound) {
        const RunKey key{rows.number(0), rows.number(1), rows.number(2)};
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
                           const DigestIndexKind& kind,
                           std::int64_t run,
                           const RunBytes& expected) {
    RowStatement run_row(session, select_run(kind).c_str());
    run_row.bind(run);
    const bool is_same =
        run_row.fetch() &&
        RowCheck(run_row).is_bytes(expected.filter).is_bytes(expected.fence).passed();
    if (!is_same) {
        return told_run(kind, run);
    }
    RowStatement rows(session, select_chunks(kind).c_str());
    rows.bind(run);
    std::int64_t number = 0;
    for (const std::string& chunk : expected.chunks) {
        if (!rows.fetch() || !RowCheck(rows).is(number).is_bytes(chunk).passed()) {
            return told_chunk(kind, run, number);
        }
        ++number;
    }
    return rows.fetch() ? told_chunk(kind, run, rows.number(0)) : "";
}

void remove_runs(soci::session& session, const DigestIndexKind& kind) {
    migrations::run_script(session,
                           std::string("DELETE FROM ") + kind.chunks + "; DELETE FROM " + kind.runs,
                           kRebuilding);
}

}  // namespace

RunCheck::RunCheck(soci::session& session, const DigestIndexKind& kind, std::int64_t log_size)
    : kind_(kind) {
    const StoredRuns stored = read_runs(session, kind, log_size);
    for (const RunKey& key : stored.sound) {
        runs_.push_back({key, key.to_seq - key.from_seq, {}});
    }
    if (stored.first_unsound) {
        difference_.tell(*stored.first_unsound, told_run(kind, *stored.first_unsound));
    }
}

void RunCheck::add(soci::session& session, SeqRange stretch, std::span<const DigestEntry> entries) {
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
std::optional<RunCheck::Run> RunCheck::add_to(Run& run,
                                              SeqRange stretch,
                                              std::span<const DigestEntry> entries) {
    const std::int64_t from = std::max(stretch.from, run.key.from_seq);
    const std::int64_t to = std::min(stretch.to, run.key.to_seq);
    if (from >= to) {
        return std::nullopt;
    }
    const auto is_before = [](const DigestEntry& entry, std::int64_t seq) {
        return entry.seq < seq;
    };
    run.entries.insert(run.entries.end(),
                       std::lower_bound(entries.begin(), entries.end(), from, is_before),
                       std::lower_bound(entries.begin(), entries.end(), to, is_before));
    run.missing -= to - from;
    return run.missing == 0 ? std::optional(std::exchange(run, {run.key, 0, {}})) : std::nullopt;
}

void RunCheck::compare(soci::session& session, Run run) {
    std::sort(run.entries.begin(), run.entries.end());
    auto found = run_difference(session, kind_, run.key.run, lay_out_run(run.entries));
    if (!found.empty()) {
        difference_.tell(run.key.run, std::move(found));
    }
}

std::string RunCheck::difference(soci::session& session) const {
    if (std::string found = difference_.what(); !found.empty()) {
        return found;
    }
    RowStatement orphan(session, select_orphan(kind_).c_str());
    return orphan.fetch() ? told_chunk(kind_, orphan.number(0), orphan.number(1)) : "";
}

void lay_runs_down_again(soci::session& session,
                         const DigestIndexKind& kind,
                         std::int64_t log_size) {
    const std::vector<RunKey> ends = read_runs(session, kind, log_size).sound;
    remove_runs(session, kind);
    std::vector<DigestEntry> entries;
    RunKey key;
    const auto lay_down = [&](std::int64_t to) {
        key.to_seq = to;
        std::sort(entries.begin(), entries.end());
        insert_run(session, kind, key, lay_out_run(entries));
        entries.clear();
        key = {key.run + 1, to, 0};
    };
    const auto next_end = [&]() -> std::optional<std::int64_t> {
        const auto index = static_cast<std::size_t>(key.run);
        return index < ends.size() ? std::optional(ends[index].to_seq) : std::nullopt;
    };
    RowStatement rows(session, kind.select_entries);
    rows.bind(std::int64_t{0});
    while (rows.fetch()) {
        const std::int64_t seq = rows.number(0);
        while (next_end() && *next_end() <= seq) {
            lay_down(*next_end());
        }
        entries.push_back({digest_of({rows.text(1), rows.text(2)}), seq});
        if (!next_end() && entries.size() >= DigestOptions{}.run_entries) {
            lay_down(seq + 1);
        }
    }
    while (next_end()) {
        lay_down(*next_end());
    }
}

}  // namespace dcm::store
