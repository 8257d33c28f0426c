#pragma once

#include "store/digest_index.h"
#include "store/first_difference.h"
#include "store/log_row.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::store {

// Holds the stored runs of an index against the log. Where a run ends depends on how messages came
// in batches, so the ends are taken as stored, as long as the runs follow each other; what is in a
// run is compared byte for byte. Any thread may call.
class RunCheck {
public:
    RunCheck(soci::session& session, const DigestIndexKind& kind, std::int64_t log_size);

    // The entries of a stretch of the log, in its order; each stretch once. Compares, through the
    // caller's session, the runs that are complete with it.
    void add(soci::session& session, SeqRange stretch, std::span<const DigestEntry> entries);
    // The first difference, table and key; empty when there is none. After all stretches.
    [[nodiscard]] std::string difference(soci::session& session) const;

private:
    struct Run {
        RunKey key;
        std::int64_t missing = 0;  // records of its stretch that are still to come
        std::vector<DigestEntry> entries;
    };

    [[nodiscard]] static std::optional<Run> add_to(Run& run,
                                                   SeqRange stretch,
                                                   std::span<const DigestEntry> entries);
    void compare(soci::session& session, Run run);

    const DigestIndexKind& kind_;
    std::mutex mutex_;
    std::deque<Run> runs_;
    FirstDifference difference_;
};

// Lays the runs down again from where their entries come from, with the stored ends as far as they
// follow each other.
void lay_runs_down_again(soci::session& session,
                         const DigestIndexKind& kind,
                         std::int64_t log_size);

}  // namespace dcm::store
