// What is explained is what is reported, for every book and fleet.
//
// Method: random cases as in arithmetic_test.cc, all instances of a case explained in one pass. The
// explained lines of an instance add up to its line of the report, and each calculation ends in the
// cost of its line. A failure prints its seed and its case.
#include "billing/explanation.h"
#include "billing/rating.h"
#include "product_answer.h"
#include "reference_random.h"

#include <catch2/catch.hpp>

#include <list>
#include <map>

namespace dcm::billing {
namespace {

using reference::kPropertyCases;

// One instance, what is known of it, and who explains it.
struct ExplainedInstance {
    const InstanceKey& key;
    Timeline timeline;
    Explainer explainer;

    ExplainedInstance(const rules::RuleBook& book,
                      const InstanceKey& instance,
                      const std::vector<AcceptedEvent>& events)
        : key(instance),
          timeline(derive_intervals(events, instance.service_type, book.lifecycle)),
          explainer(book, key, timeline, {}) {}
};

std::vector<Explanation> explain_all(const reference::Case& priced, const rules::RuleBook& book) {
    const std::map<InstanceKey, std::vector<AcceptedEvent>> events = events_of(priced);
    std::list<ExplainedInstance> told;
    for (const auto& [key, accepted] : events) {
        told.emplace_back(book, key, accepted);
    }
    const auto each = [&told](const auto& line) {
        for (ExplainedInstance& instance : told) {
            instance.explainer.add(line);
        }
    };
    const Period shown{Instant{priced.question.from}, Instant{priced.question.to}};
    Rater rater(book,
                {.shown = shown, .as_of = Instant{priced.question.as_of}, .by_day = false},
                {[&each](const RatedLine& line) { each(line); },
                 [&each](const UnratedPiece& piece) { each(piece); }});
    for (const ExplainedInstance& instance : told) {
        rater.add(instance.key, instance.timeline.intervals);
    }
    rater.finish();
    std::vector<Explanation> explanations;
    for (ExplainedInstance& instance : told) {
        explanations.push_back(instance.explainer.finish(shown, {}));
    }
    return explanations;
}

// A report's line by instance, and the unrated seconds, from what was explained.
struct Sums {
    std::map<std::vector<std::string>, std::vector<Decimal>> lines;
    Decimal unrated;
    std::size_t count = 0;

    void add(const Explanation& explanation) {
        Decimal total;
        for (const ExplainedInterval& interval : explanation.intervals) {
            for (const ExplainedLine& line : interval.lines) {
                REQUIRE(line.arithmetic.back().value == line.cost.to_string());
                std::vector<Decimal>& amounts =
                    lines[{explanation.key.service_type, explanation.key.instance}];
                amounts.resize(3);
                amounts[0] += line.usage_seconds;
                amounts[1] += line.billed_seconds;
                amounts[2] += line.cost;
                total += line.cost;
                ++count;
            }
            for (const ExplainedGap& gap : interval.unrated) {
                unrated += value_or_throw(
                    Decimal::parse(format_seconds(gap.during.end - gap.during.start)));
            }
        }
        REQUIRE(total == explanation.total);
    }
};

TEST_CASE("what is explained adds up to what is reported", "[explain][properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    std::size_t lines = 0;
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        reference::Case priced = reference::random_case(seed + i);
        priced.question.group_by = {"service_type", "instance"};
        priced.question.filters.clear();
        INFO("case " << i << '\n' << replay_text(priced));
        const rules::RuleBook book = parsed_book(priced);
        Sums sums;
        for (const Explanation& explanation : explain_all(priced, book)) {
            sums.add(explanation);
        }
        const Report report = product_report(priced);
        REQUIRE(sums.lines.size() == report.lines.size());
        for (const ReportLine& line : report.lines) {
            REQUIRE(sums.lines[line.keys] ==
                    std::vector{line.usage_seconds, line.billed_seconds, line.cost});
        }
        REQUIRE(sums.unrated == report.unrated_seconds);
        lines += sums.count;
    }
    CHECK(lines > kPropertyCases);
}

}  // namespace
}  // namespace dcm::billing
