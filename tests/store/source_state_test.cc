#include "store/source_state.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using Ranges = std::vector<SequenceRange>;
using Gaps = std::vector<SourceGap>;

constexpr std::size_t kMany = 100;

TEST_CASE("holes are what the covered ranges leave open in the window", "[source_state]") {
    struct Case {
        SequenceRange window;
        Ranges covered;
        Ranges holes;
    };
    const auto one = GENERATE(values<Case>({
        {{1, 10}, {}, {{1, 10}}},
        {{1, 0}, {}, {}},
        {{1, 10}, {{1, 10}}, {}},
        {{1, 10}, {{1, 9}}, {{10, 10}}},
        {{1, 10}, {{2, 10}}, {{1, 1}}},
        {{1, 10}, {{1, 3}, {5, 7}, {9, 20}}, {{4, 4}, {8, 8}}},
        // Overlapping, one within another, and beyond the window.
        {{1, 10}, {{1, 8}, {2, 3}, {4, 9}}, {{10, 10}}},
        {{5, 10}, {{1, 2}, {3, 6}}, {{7, 10}}},
        {{5, 10}, {{12, 14}}, {{5, 10}}},
        {{5, 10}, {{1, 20}}, {}},
    }));
    CAPTURE(one.window.first, one.window.last, one.covered.size());
    CHECK(holes_in(one.window, one.covered, kMany) == one.holes);
}

TEST_CASE("no more holes than asked for, the lowest first", "[source_state]") {
    const Ranges covered{{2, 2}, {4, 4}, {6, 6}};
    CHECK(holes_in({1, 7}, covered, 2) == Ranges{{1, 1}, {3, 3}});
    CHECK(holes_in({1, 7}, covered, 3) == Ranges{{1, 1}, {3, 3}, {5, 5}});
    CHECK(holes_in({1, 7}, covered, 4).size() == 4);
    CHECK(holes_in({1, 7}, covered, 5).size() == 4);
}

TEST_CASE("coverage reaches to its first hole", "[source_state]") {
    CHECK(covered_to(0, {}) == 0);
    CHECK(covered_to(7, {}) == 7);
    CHECK(covered_to(0, {{1, 3}, {4, 6}, {8, 9}}) == 6);
    CHECK(covered_to(0, {{2, 3}}) == 0);
    CHECK(covered_to(4, {{1, 3}, {5, 5}}) == 5);
    CHECK(covered_to(4, {{1, 9}, {2, 3}}) == 9);
}

TEST_CASE("what is lost is explained by where the stream begins and what it holds",
          "[source_state]") {
    struct Case {
        SequenceRange hole;
        std::vector<std::int64_t> held;
        std::int64_t first_sequence = 0;
        Gaps gaps;
    };
    const auto one = GENERATE(values<Case>({
        {{3, 5}, {}, 1, {{{3, 5}, GapCause::deleted}}},
        {{3, 5}, {}, 3, {{{3, 5}, GapCause::deleted}}},
        {{3, 5}, {}, 6, {{{3, 5}, GapCause::discarded}}},
        {{3, 5}, {}, 5, {{{3, 4}, GapCause::discarded}, {{5, 5}, GapCause::deleted}}},
        {{3, 5}, {3, 4, 5}, 1, {}},
        {{3, 9}, {5, 6}, 1, {{{3, 4}, GapCause::deleted}, {{7, 9}, GapCause::deleted}}},
        {{3, 9}, {6}, 6, {{{3, 5}, GapCause::discarded}, {{7, 9}, GapCause::deleted}}},
        // Looked at up to here, and no further.
        {{3, 2}, {}, 1, {}},
    }));
    CAPTURE(one.hole.first, one.hole.last, one.first_sequence);
    CHECK(explain_hole(one.hole, one.held, one.first_sequence) == one.gaps);
}

TEST_CASE("accounting begins where database and durable began", "[source_state]") {
    SourceState state;
    state.settled_to = 50;
    // Somebody else has read up to here.
    CHECK(accounted_before(state, {}) == 50);
    // A database of before this was kept.
    CHECK(accounted_before(state, {{20, 40}}) == 19);
    // A durable that has delivered nothing has skipped only what is gone.
    state.untouched = true;
    CHECK(accounted_before(state, {}) == 0);
    CHECK(accounted_before(state, {{20, 40}}) == 0);
}

TEST_CASE("causes are spelled as the log has them", "[source_state]") {
    CHECK(gap_cause_name(GapCause::discarded) == "discarded");
    CHECK(gap_cause_name(GapCause::deleted) == "deleted");
    CHECK(gap_cause_name(GapCause::unrecorded) == "unrecorded");
}

}  // namespace
}  // namespace dcm::store
