// Explanations: why a rate, and the arithmetic as on paper, ending in what the report shows.
#include "billing/explanation.h"

#include "billing/render_explanation.h"
#include "case_book.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

constexpr std::string_view kTiers = R"(
  - id: tiered
    meter: compute
    match: {service_type: vm, state: RUNNING}
    unit: hour
    free: "10"
    granularity: 1h
    minimum: 2h
    tiers: {mode: graduated, steps: [{up_to: "20", price: "1"}, {price: "0.5", flat: "3"}]}
    discount: "50%"
    minimum_spend: "30"
    maximum_spend: "500"
)";

const Period kYear{at("2026-01-01"), at("2027-01-01")};

Timeline timeline_of(const Fleet& fleet, std::string_view instance) {
    Timeline timeline;
    for (const auto& [key, intervals] : fleet.instances) {
        if (key.instance == instance) {
            timeline.intervals = intervals;
        }
    }
    timeline.summary.emplace();
    return timeline;
}

Explanation explain(const rules::RuleBook& book,
                    const Fleet& fleet,
                    const std::string& instance,
                    const ExplainChoice& choice = {},
                    Period shown = kYear) {
    const InstanceKey key{"vm", instance};
    const Timeline timeline = timeline_of(fleet, instance);
    Explainer explainer(book, key, timeline, choice);
    Rater rater(book,
                {shown, at("2027-01-01")},
                {[&](const RatedLine& line) { explainer.add(line); },
                 [&](const UnratedPiece& piece) { explainer.add(piece); }});
    for (const auto& [each, intervals] : fleet.instances) {
        rater.add(each, intervals);
    }
    rater.finish();
    return explainer.finish(shown, {});
}

// `name: expression = value unit (note)`
std::vector<std::string> steps_of(const ExplainedLine& line) {
    std::vector<std::string> texts;
    for (const ArithmeticStep& step : line.arithmetic) {
        texts.push_back(step.name + ": " +
                        (step.expression.empty() ? "" : step.expression + " = ") + step.value +
                        ' ' + step.unit + (step.note.empty() ? "" : " (" + step.note + ')'));
    }
    return texts;
}

}  // namespace

TEST_CASE("a flat price is seconds, quantity and a product", "[explain]") {
    const auto book = book_with(R"(
  - {id: r, match: {service_type: vm}, price: "0.048", unit: hour, granularity: 1m, minimum: 10m, discount: "12.5%"}
)");
    Fleet fleet;
    fleet.run("a", "2026-05-01T10:00:00Z", "2026-05-01T10:30:01Z");
    fleet.run("a", "2026-05-02T10:00:00Z", "2026-05-02T10:00:07Z");
    const Explanation explanation = explain(book, fleet, "a");
    REQUIRE(explanation.intervals.size() == 2);
    CHECK(steps_of(explanation.intervals[0].lines[0]) ==
          std::vector<std::string>{
              "used: 1801 s",
              "billed: 31 × 60 = 1860 s (a started step of 60 s counts whole)",
              "quantity: 1860 ÷ 3600 = 0.516666666667 hours (rounded to 12 decimals)",
              "list cost: 0.516666666667 × 0.048 = 0.024800000000016 EUR",
              "cost: 0.024800000000016 × 0.875 = 0.021700000000014 EUR (12.5% discount)"});
    CHECK(steps_of(explanation.intervals[1].lines[0])[1] ==
          "billed: 600 s (at least 600 s per start)");
    CHECK(explanation.total == report_fleet(book, fleet, "").total);
}

TEST_CASE("a month that continues an interval counts from the interval's start", "[explain]") {
    const auto book = book_with(R"(
  - {id: r, match: {service_type: vm}, price: "31", unit: month, granularity: 1d}
)");
    Fleet fleet;
    fleet.run("a", "2026-04-30T12:00:00Z", "2026-05-03T11:00:00Z");
    const Explanation explanation =
        explain(book, fleet, "a", {}, {at("2026-05-01"), at("2026-06-01")});
    REQUIRE(explanation.intervals.size() == 1);
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): long texts, each ended by its comma
    CHECK(steps_of(explanation.intervals[0].lines.at(0)) ==
          std::vector<std::string>{
              "used: 212400 s",
              "until its start: 1 × 86400 = 86400 s (a started step of 86400 s counts whole)",
              "until its end: 3 × 86400 = 259200 s (a started step of 86400 s counts whole)",
              "billed: 259200 − 86400 = 172800 s (both counted from the interval's start)",
              "quantity: 172800 ÷ 2678400 = 0.064516129032 months (this month has 2678400 s; "
              "rounded to 12 decimals)",
              "cost: 0.064516129032 × 31 = 1.999999999992 EUR"});
    // NOLINTEND(bugprone-suspicious-missing-comma)
}

TEST_CASE("tiers tell where the sum stood before and after", "[explain]") {
    const auto book = book_with(kTiers);
    Fleet fleet;
    fleet.run("a", "2026-05-01T00:00:00Z", "2026-05-01T15:00:00Z");
    fleet.run("b", "2026-05-02T00:00:00Z", "2026-05-03T16:00:00Z");
    const Explanation first = explain(book, fleet, "a");
    CHECK(steps_of(first.intervals.at(0).lines.at(0)) ==
          std::vector<std::string>{"used: 54000 s",
                                   "billed: 54000 s (whole steps of 3600 s)",
                                   "quantity: 54000 ÷ 3600 = 15 hours",
                                   "after free: 15 − 10 = 5 hours",
                                   "tier to 20: 5 × 1 = 5 EUR",
                                   "discounted: 5 × 0.5 = 2.5 EUR (50% discount)",
                                   "cost: 2.5 − 0 = 2.5 EUR"});
    const Explanation second = explain(book, fleet, "b");
    const ExplainedLine& line = second.intervals.at(0).lines.at(0);
    CHECK(line.quantity_before == decimal("15"));
    CHECK(line.quantity_after == decimal("55"));
    CHECK(steps_of(line) ==
          std::vector<std::string>{
              "used: 144000 s",
              "billed: 144000 s (whole steps of 3600 s)",
              "quantity: 144000 ÷ 3600 = 40 hours",
              "before it: 15 hours (of this tenant, rate and month, in lines before this one)",
              "after free: 15 − 10 = 5 hours",
              "tier to 20: 5 × 1 = 5 EUR",
              "discounted: 5 × 0.5 = 2.5 EUR (50% discount)",
              "with it: 15 + 40 = 55 hours",
              "after free: 55 − 10 = 45 hours",
              "tier to 20: 20 × 1 = 20 EUR",
              "last tier: 25 × 0.5 + 3 = 15.5 EUR (with its flat)",
              "tiers: 20 + 15.5 = 35.5 EUR",
              "discounted: 35.5 × 0.5 = 17.75 EUR (50% discount)",
              "to the minimum: 30 − 17.75 = 12.25 EUR (minimum_spend 30, on the last line)",
              "cost: 17.75 − 2.5 + 12.25 = 27.5 EUR"});
    CHECK(first.total + second.total == report_fleet(book, fleet, "").total);
}

TEST_CASE("every kind of price explains itself, and the lines sum up to the report", "[explain]") {
    const std::string_view price = GENERATE(
        R"(tiers: {mode: volume, steps: [{up_to: "10", price: "1"}, {price: "0.5", flat: "2"}]})",
        R"(tiers: {mode: package, size: "7", price: "3"})",
        R"(tiers: {mode: graduated, steps: [{up_to: "100", price: "1"}, {price: "0.5"}]}, maximum_spend: "20")",
        R"(price: "0.25", free: "5", minimum_spend: "50")",
        R"(price: "0.25", maximum_spend: "3", discount: "33.3%", minimum: 3h)");
    const std::string unit = GENERATE("minute", "hour", "day", "month");
    const auto book =
        book_with("  - {id: r, match: {}, unit: " + unit + ", " + std::string(price) + "}\n");
    Fleet fleet;
    fleet.run("a", "2026-04-20T00:00:01Z", "2026-05-01T15:00:00Z");
    fleet.run("a", "2026-05-05T00:00:00.5Z", "2026-05-05T00:00:09Z");
    fleet.run("b", "2026-05-02T00:00:00Z", "");
    const Decimal total = explain(book, fleet, "a").total + explain(book, fleet, "b").total;
    CHECK(total == report_fleet(book, fleet, "").total);
    // What begins inside a month counts what lies before it.
    const Period part{at("2026-04-25"), at("2026-05-05")};
    const Explanation explained = explain(book, fleet, "a", {}, part);
    for (const ExplainedInterval& interval : explained.intervals) {
        for (const ExplainedLine& line : interval.lines) {
            CHECK(part.start <= line.charge.start);
            CHECK(line.arithmetic.back().value == line.cost.to_string());
        }
    }
}

TEST_CASE("rates that do not match say why, member by member", "[explain]") {
    const auto book = book_with(R"(
  - {id: other-type, match: {service_type: [container, cluster]}, price: "1", unit: hour}
  - {id: state, match: {service_type: vm, state: [STOPPED, PAUSED, X]}, price: "1", unit: hour}
  - {id: owner, match: {provider: "q*", tenant: umbrella, labels: {flavor: big, team: red}}, price: "1", unit: hour}
  - {id: later, match: {instance: b}, valid_from: 2026-07-01, price: "1", unit: hour}
  - {id: over, match: {}, valid_to: 2026-05-01, price: "1", unit: hour}
  - {id: winner, match: {}, price: "1", unit: hour}
  - {id: never, match: {}, price: "1", unit: hour}
  - {id: disk, meter: storage, match: {state: STOPPED}, price: "1", unit: hour}
)",
                                "UTC",
                                "service_type,instance,tenant,label:flavor\n\nvm,a,acme,small\n");
    Fleet fleet;
    fleet.run("a", "2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z");
    const Explanation explanation = explain(book, fleet, "a");
    const ExplainedInterval& interval = explanation.intervals.at(0);
    const ExplainedLine& line = interval.lines.at(0);
    CHECK(line.rate == "winner");
    std::vector<std::string> told;
    for (const RejectedRate& rejected : line.rejected) {
        std::string text = book.rates[rejected.rate].id + ':';
        for (const Mismatch& mismatch : rejected.mismatches) {
            text += ' ' + mismatch.member + ": " + mismatch.words + ';';
        }
        told.push_back(text);
    }
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): long texts, each ended by its comma
    CHECK(told ==
          std::vector<std::string>{
              "other-type: match.service_type: service_type is vm, not container or cluster;",
              "state: match.state: state is RUNNING, not STOPPED, PAUSED or X;",
              "owner: match.provider: provider is p, not q*; match.tenant: tenant is acme, not "
              "umbrella; match.labels.flavor: label flavor is small, not big; match.labels.team: "
              "there is no label team;",
              "later: match.instance: instance is a, not b; valid_from: valid from "
              "2026-07-01T00:00:00Z on;",
              "over: valid_to: valid until 2026-05-01T00:00:00Z;"});
    // NOLINTEND(bugprone-suspicious-missing-comma)
    CHECK(line.owner.tenant == "acme");
    CHECK(line.owner.sources == std::vector<ExplainedOwner::Source>{{"resources.csv", 3}});
    REQUIRE(interval.idle_meters.size() == 1);
    CHECK(interval.idle_meters[0].meter == "storage");
}

TEST_CASE("what no rate matches is told with every meter's reasons", "[explain]") {
    const auto book = book_with(R"(
  - {id: disk, meter: storage, match: {state: STOPPED}, price: "1", unit: hour}
)");
    Fleet fleet;
    fleet.run("a", "2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z");
    const Explanation explanation = explain(book, fleet, "a");
    const ExplainedInterval& interval = explanation.intervals.at(0);
    CHECK(interval.lines.empty());
    REQUIRE(interval.unrated.size() == 1);
    CHECK(interval.unrated[0].meters.at(0).rejected.at(0).mismatches.at(0).words ==
          "state is RUNNING, not STOPPED");
}

TEST_CASE("a choice narrows what is explained", "[explain]") {
    const auto book = book_with(R"(
  - {id: c, meter: compute, match: {}, price: "1", unit: hour}
  - {id: s, meter: storage, match: {}, price: "2", unit: hour}
)");
    Fleet fleet;
    fleet.run("a", "2026-04-30T23:00:00Z", "2026-05-01T01:00:00Z");
    fleet.run("a", "2026-05-02T00:00:00Z", "");
    ExplainChoice choice;
    choice.at = at("2026-05-01T00:30:00Z");
    Explanation explanation = explain(book, fleet, "a", choice);
    REQUIRE(explanation.intervals.size() == 1);
    CHECK(explanation.intervals[0].lines.size() == 2);
    CHECK(explanation.total == decimal("3"));
    choice.meter = "storage";
    CHECK(explain(book, fleet, "a", choice).total == decimal("2"));
    choice.rate = "c";
    CHECK(explain(book, fleet, "a", choice).intervals.empty());
}

TEST_CASE("an event says what it does", "[explain]") {
    const InstanceKey key{"vm", "a"};
    const auto lifecycle = rules::standard_lifecycle();
    struct Row {
        std::string_view time;
        std::string status;
        std::string effect;
    };
    const std::vector<Row> rows{
        {"2026-05-01T09:00:00Z", "PROVISIONING", "in transit: not charged yet"},
        {"2026-05-01T10:00:00Z", "RUNNING", "opens RUNNING"},
        {"2026-05-01T11:00:00Z", "RUNNING", "the same again"},
        {"2026-05-01T12:00:00Z", "UNKNOWN", "unknown: goes on, doubtful"},
        {"2026-05-01T13:00:00Z", "STOPPING", "in transit: goes on"},
        {"2026-05-01T14:00:00Z", "STOPPED", "closes RUNNING, opens STOPPED"},
        {"2026-05-01T15:00:00Z", "ERROR", "closes STOPPED"},
        {"2026-05-01T16:00:00Z", "DELETING", "charges nothing"},
        {"2026-05-01T17:00:00Z", "PAUSED", "lasts no time"},
        {"2026-05-01T17:00:00Z", "DELETED", "charges nothing"},
        {"2026-05-01T18:00:00Z", "RUNNING", "after the end: charges nothing"}};
    std::vector<AcceptedEvent> accepted;
    std::vector<ToldEvent> told;
    std::int64_t seq = 0;
    for (const Row& row : rows) {
        accepted.push_back({{at(row.time), 0, seq}, "p", row.status});
        ToldEvent event;
        event.seq = seq++;
        event.time = at(row.time);
        event.status = row.status;
        event.verdict = "accepted";
        told.push_back(event);
    }
    ToldEvent rejected;
    rejected.seq = seq;
    rejected.time = at("2026-05-01T10:30:00Z");
    rejected.verdict = "rejected";
    rejected.reason = "unknown_status";
    told.push_back(rejected);
    const Timeline timeline = derive_intervals(accepted, key.service_type, lifecycle);
    tell_effects(told, key, timeline, lifecycle);
    CHECK(told[2].effect == "unknown_status");
    told.erase(told.begin() + 2);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO(rows[i].time << ' ' << rows[i].status);
        CHECK(told[i].effect == rows[i].effect);
    }
    CHECK(told.back().flags == std::vector<std::string>{"after_end"});
}

TEST_CASE("an event that nothing understands says why it charges nothing", "[explain]") {
    const auto effect_of = [](const InstanceKey& key, const std::string& status) {
        const auto lifecycle = rules::standard_lifecycle();
        ToldEvent event;
        event.time = at("2026-05-01T10:00:00Z");
        event.status = status;
        event.verdict = "accepted";
        std::vector<ToldEvent> told{event};
        tell_effects(
            told,
            key,
            derive_intervals({{{event.time, 0, 0}, "p", status}}, key.service_type, lifecycle),
            lifecycle);
        return told.front().effect;
    };
    CHECK(effect_of({"gpu", "a"}, "RUNNING") ==
          "charges nothing: no lifecycle has this service type");
    CHECK(effect_of({"vm", "a"}, "SHELVED") ==
          "charges nothing: this rule book does not know the status");
    CHECK(effect_of({"vm", "a"}, "ERROR") == "charges nothing");
}

TEST_CASE("an explanation fits the terminal and folds what repeats", "[explain]") {
    const auto book = book_with(kTiers);
    Fleet fleet;
    fleet.run("a", "2026-05-01T00:00:00Z", "2026-05-01T15:00:00Z");
    Explanation explanation = explain(book, fleet, "a");
    for (std::int64_t i = 0; i < 9; ++i) {
        ToldEvent event;
        event.seq = i;
        event.time = at("2026-05-01T00:00:00Z");
        event.status = i == 3 ? "a\x1b[31m" : "RUNNING";
        event.verdict = "accepted";
        event.effect = i == 3 ? "opens RUNNING" : "the same again";
        explanation.events.push_back(event);
    }
    const ExplanationContext context{{{}, {}, at("2027-01-01"), "sha256:00", 3, "root"}, "UTC", {}};
    const std::string text = explanation_text(explanation, book, context, 80);
    CHECK(text.find("and 4 more, the same again") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = text.find('\n', begin);
        // Counts bytes of `…`, `×` and `−` too.
        CHECK(end - begin <= 84);
        begin = end + 1;
    }
    CHECK(explanation_json(explanation, book, context).find("\"checkpoint\":null") !=
          std::string::npos);
}

}  // namespace dcm::billing
