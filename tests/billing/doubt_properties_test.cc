// Doubtful parts of rated lines, against what a report of just these parts says.
//
// Method: random cases as in arithmetic_test.cc. Where all instances are in doubt from x to y, the
// doubt is a report from x to y, which the reference computes in exact fractions. A failure prints
// its seed and its case.
#include "billing/doubt_report.h"
#include "billing/rating.h"
#include "product_answer.h"
#include "reference_random.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace dcm::billing {
namespace {

using reference::Case;
using reference::Chance;
using reference::kPropertyCases;
using reference::Micros;

constexpr std::array kCauses{DoubtCause::unknown_status,
                             DoubtCause::time_clamped,
                             DoubtCause::unknown_hold,
                             DoubtCause::silent_source};

struct Doubt {
    DoubtCause cause = DoubtCause::unknown_status;
    Period during;
};

// The same doubts about every instance, where something is charged.
std::vector<DoubtfulStretch> stretches_of(const Timeline& timeline,
                                          const std::vector<Doubt>& doubts,
                                          Instant as_of) {
    std::vector<DoubtfulStretch> found;
    for (const Doubt& doubt : doubts) {
        for (const Interval& interval : timeline.intervals) {
            const Instant end =
                std::max(interval.start, std::min(interval.end.value_or(as_of), as_of));
            const Period part = common_part({interval.start, end}, doubt.during);
            if (part.start < part.end) {
                found.push_back({doubt.cause, part, interval.provider, interval.state});
            }
        }
    }
    return found;
}

DoubtReport doubt_of(const Case& priced, const std::vector<Doubt>& doubts) {
    const rules::RuleBook book = parsed_book(priced);
    const Period shown{Instant{priced.question.from}, Instant{priced.question.to}};
    const Instant as_of{priced.question.as_of};
    DoubtBuilder builder(book, {}, {}, DoubtChoice::doubtful, shown);
    Rater rater(book,
                {.shown = shown, .as_of = as_of},
                {[&](const RatedLine& line) { builder.add(line); },
                 [&](const UnratedPiece& piece) { builder.add(piece); }});
    for (const auto& [key, events] : events_of(priced)) {
        const Timeline timeline = derive_intervals(events, key.service_type, book.lifecycle);
        builder.add(key, stretches_of(timeline, doubts, as_of));
        rater.add(key, timeline.intervals);
    }
    rater.finish();
    return builder.finish();
}

// All lines and instances, summed.
Case everything_of(Case priced) {
    priced.question.group_by.clear();
    priced.question.filters.clear();
    return priced;
}

// usage, unpriced, cost.
std::vector<std::string> texts_of(const DoubtSums& sums) {
    return {
        sums.usage_seconds.to_string(), sums.unpriced_seconds.to_string(), sums.cost.to_string()};
}

std::vector<std::string> expected_of(Case priced, Micros from, Micros to) {
    priced.question.from = from;
    priced.question.to = to;
    const reference::Answer answer = reference::answer(priced);
    const std::string usage = answer.lines.empty() ? "0" : answer.lines.front().front();
    return {usage, answer.unrated_seconds, answer.total};
}

TEST_CASE("what is doubtful from one instant to another is what a report of that time says",
          "[doubt][properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    std::size_t charged = 0;
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        const Case priced = everything_of(reference::random_case(seed + i));
        const std::vector<Micros> cuts = random_cuts(
            chance, {.from = priced.question.from, .to = priced.question.to, .between_max = 4});
        const auto part =
            static_cast<std::size_t>(chance.below(static_cast<std::int64_t>(cuts.size()) - 1));
        const Period during{Instant{cuts[part]}, Instant{cuts[part + 1]}};
        INFO("case " << i << '\n' << replay_text(priced));
        const DoubtReport report = doubt_of(priced, {{DoubtCause::time_clamped, during}});
        REQUIRE(texts_of(report.any) ==
                expected_of(priced, during.start.micros, during.end.micros));
        REQUIRE(texts_of(report.causes[1].second) == texts_of(report.any));
        charged += report.any.cost.is_zero() ? 0U : 1U;
    }
    CHECK(charged > kPropertyCases / 10);
}

TEST_CASE("doubts about all parts of a time add up to the whole, however it is cut",
          "[doubt][properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        const Case priced = everything_of(reference::random_case(seed + i));
        const std::vector<Micros> cuts = random_cuts(
            chance, {.from = priced.question.from, .to = priced.question.to, .between_max = 4});
        std::vector<Doubt> doubts;
        for (std::size_t part = 0; part + 1 < cuts.size(); ++part) {
            const auto cause = kCauses[static_cast<std::size_t>(chance.below(kCauses.size()))];
            doubts.push_back({cause, {Instant{cuts[part]}, Instant{cuts[part + 1]}}});
        }
        INFO("case " << i << '\n' << replay_text(priced));
        const DoubtReport report = doubt_of(priced, doubts);
        DoubtSums sum;
        for (const auto& [cause, sums] : report.causes) {
            sum += sums;
        }
        const std::vector<std::string> whole =
            expected_of(priced, priced.question.from, priced.question.to);
        REQUIRE(texts_of(sum) == whole);
        REQUIRE(texts_of(report.any) == whole);
    }
}

}  // namespace
}  // namespace dcm::billing
