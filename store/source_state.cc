#include "store/source_state.h"

#include "base/check.h"

#include <algorithm>

namespace dcm::store {
namespace {

// Splits what is lost where the stream begins.
void add_gap(SequenceRange lost, std::int64_t first_sequence, std::vector<SourceGap>& gaps) {
    const std::int64_t discarded_to = std::min(lost.last, first_sequence - 1);
    if (lost.first <= discarded_to) {
        gaps.push_back({{lost.first, discarded_to}, GapCause::discarded});
    }
    const std::int64_t deleted_from = std::max(lost.first, first_sequence);
    if (deleted_from <= lost.last) {
        gaps.push_back({{deleted_from, lost.last}, GapCause::deleted});
    }
}

}  // namespace

std::string_view gap_cause_name(GapCause cause) {
    switch (cause) {
        case GapCause::discarded:
            return "discarded";
        case GapCause::deleted:
            return "deleted";
        case GapCause::unrecorded:
            return "unrecorded";
    }
    DCM_CHECK(false);
}

std::vector<SequenceRange> holes_in(SequenceRange window,
                                    const std::vector<SequenceRange>& covered,
                                    std::size_t count_max) {
    std::vector<SequenceRange> holes;
    std::int64_t next = window.first;
    for (const SequenceRange& range : covered) {
        if (next > window.last || holes.size() == count_max) {
            return holes;
        }
        if (range.first > next) {
            holes.push_back({next, std::min(range.first - 1, window.last)});
        }
        next = std::max(next, range.last + 1);
    }
    if (next <= window.last && holes.size() < count_max) {
        holes.push_back({next, window.last});
    }
    return holes;
}

std::int64_t covered_to(std::int64_t after, const std::vector<SequenceRange>& covered) {
    for (const SequenceRange& range : covered) {
        if (range.first > after + 1) {
            break;
        }
        after = std::max(after, range.last);
    }
    return after;
}

AccountedStream account_of(std::int64_t created_ns, std::span<const AccountedStream> accounted) {
    const auto found =
        std::find_if(accounted.begin(), accounted.end(), [created_ns](const AccountedStream& one) {
            return one.created_ns == created_ns;
        });
    return found == accounted.end() ? AccountedStream{created_ns} : *found;
}

std::vector<SourceGap> explain_hole(const SequenceRange& hole,
                                    const std::vector<std::int64_t>& held,
                                    std::int64_t first_sequence) {
    std::vector<SourceGap> gaps;
    std::int64_t next = hole.first;
    for (const std::int64_t sequence : held) {
        add_gap({next, sequence - 1}, first_sequence, gaps);
        next = sequence + 1;
    }
    add_gap({next, hole.last}, first_sequence, gaps);
    return gaps;
}

std::int64_t accounted_before(const SourceState& state,
                              const std::vector<SequenceRange>& recorded) {
    if (state.untouched) {
        return 0;
    }
    return recorded.empty() ? state.settled_to : recorded.front().first - 1;
}

}  // namespace dcm::store
