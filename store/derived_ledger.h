#pragma once

#include "store/statement.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// What a Failure says was being done, to this and the other derived tables.
inline constexpr std::string_view kRebuilding = "rebuild";

// Messages of one stream that are recorded one after the other, sequence by sequence.
struct RecordedRun {
    std::string stream;
    std::int64_t created_ns = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t first_seq = 0;
};

// Gathers runs from the positions in the log, which come in its order.
class RunBuilder {
public:
    // `broker_pos` as recorded; what is no delivery of a broker adds nothing.
    void add(std::string_view broker_pos, std::int64_t seq);
    [[nodiscard]] const std::vector<RecordedRun>& runs() const { return runs_; }

private:
    std::vector<RecordedRun> runs_;
};

// What broker_epoch and broker_range must hold, derived from the log in memory. Where a range was
// divided by a restart of the process, it counts as one: both say the same.
class DerivedLedger {
public:
    // In the order of the log.
    void add(const RecordedRun& run);
    // The first row that says otherwise, table and key; empty when there is none.
    [[nodiscard]] std::string difference(soci::session& session) const;
    // Replaces both tables.
    void write(soci::session& session) const;

private:
    struct Range {
        std::int64_t first = 0;
        std::int64_t last = 0;
        std::int64_t first_seq = 0;

        bool operator==(const Range&) const = default;
        // Goes on where the other ends, in stream and log.
        [[nodiscard]] bool follows(const Range& before) const {
            return first == before.last + 1 && first_seq - before.first_seq == first - before.first;
        }
    };
    struct Epoch {
        std::string stream;
        std::int64_t created_ns = 0;
        std::map<std::int64_t, Range> ranges;  // by their first sequence

        [[nodiscard]] const Range* range_at_or_before(std::int64_t sequence) const;
        [[nodiscard]] bool holds(std::int64_t sequence) const;
        void put(Range range);
    };

    // The epoch a sequence belongs to, and how far the run may go there.
    struct Place {
        Epoch* epoch = nullptr;
        std::int64_t last = 0;
    };
    [[nodiscard]] Place place_for(const RecordedRun& run, std::int64_t sequence);
    [[nodiscard]] std::string epoch_difference(soci::session& session) const;

    // epochs_[i] has the number i + 1.
    std::vector<Epoch> epochs_;
};

}  // namespace dcm::store
