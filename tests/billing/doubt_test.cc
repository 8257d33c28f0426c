// What rests on something doubtful, in seconds and money, to the last digit.
#include "billing/doubt.h"

#include "billing/doubt_report.h"
#include "billing/render_doubt.h"
#include "case_book.h"

#include <catch2/catch.hpp>

#include <set>

namespace dcm::billing {
namespace {

constexpr std::string_view kDay = "2026-05-01T";

Instant hour(int hours) {
    return at(std::string(kDay) + (hours < 10 ? "0" : "") + std::to_string(hours) + ":00:00Z");
}

AcceptedEvent event_at(int hours, std::string status, std::int64_t seq) {
    return {{hour(hours), 0, seq}, "p", std::move(status)};
}

const InstanceKey kVm{"vm", "a"};

// A vm's story, and the doubt in it.
struct DoubtfulStory {
    std::vector<AcceptedEvent> events;
    std::vector<UnknownStatus> unknown;
    std::set<std::int64_t> clamped;
    std::optional<Instant> silent_since;

    [[nodiscard]] Timeline timeline() const {
        return derive_intervals(events, kVm.service_type, rules::standard_lifecycle());
    }
    [[nodiscard]] std::vector<DoubtfulStretch> stretches() const {
        const DoubtEvidence evidence{events,
                                     unknown,
                                     [this](std::int64_t seq) { return clamped.contains(seq); },
                                     silent_since};
        return doubtful_stretches(kVm, timeline(), evidence, rules::standard_lifecycle(), hour(20));
    }
    // `cause state from-to`, hours.
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> found;
        for (const DoubtfulStretch& stretch : stretches()) {
            const auto text = [](Instant instant) {
                return std::to_string((instant - hour(0)).micros / (3'600 * kMicrosPerSecond));
            };
            found.push_back(std::string(doubt_cause_name(stretch.cause)) + ' ' + stretch.state +
                            ' ' + text(stretch.during.start) + '-' + text(stretch.during.end));
        }
        return found;
    }
};

UnknownStatus unknown(int hours, std::int64_t seq) {
    return {{hour(hours), 0, seq}, "p"};
}

}  // namespace

TEST_CASE("each cause has its stretches", "[doubt]") {
    struct Row {
        std::string_view what;
        DoubtfulStory story;
        std::vector<std::string> expected;
    };
    const std::vector<AcceptedEvent> ran{event_at(2, "RUNNING", 1), event_at(10, "STOPPED", 2)};
    std::vector<AcceptedEvent> gone = ran;
    gone.push_back(event_at(15, "DELETED", 3));
    const auto with = [&ran](std::vector<AcceptedEvent> more) {
        std::vector<AcceptedEvent> all = ran;
        all.insert(all.end(), more.begin(), more.end());
        std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
            return left.order < right.order;
        });
        return all;
    };
    for (const Row& row : std::vector<Row>{
             {"nothing doubtful", {ran, {}, {}, {}}, {}},
             {"an unknown status holds until the next event",
              {ran, {unknown(4, 9)}, {}, {}},
              {"unknown_status RUNNING 4-10"}},
             {"two of them are one stretch",
              {ran, {unknown(4, 8), unknown(6, 9)}, {}, {}},
              {"unknown_status RUNNING 4-10"}},
             {"nothing came after it: until as_of",
              {ran, {unknown(12, 9)}, {}, {}},
              {"unknown_status STOPPED 12-20"}},
             {"before the first charge nothing prices it",
              {ran, {unknown(1, 9)}, {}, {}},
              {"unknown_status  1-2"}},
             {"after the end it says nothing", {gone, {unknown(16, 9)}, {}, {}}, {}},
             {"an instance nobody understood",
              {{}, {unknown(5, 9)}, {}, {}},
              {"unknown_status  5-20"}},
             {"what another book accepted is no word of this one: nothing is charged",
              {with({event_at(4, "WARPED", 5), event_at(7, "RUNNING", 6)}), {}, {}, {}},
              {"unknown_status  4-7"}},
             {"such a word is no answer to another one",
              {with({event_at(4, "WARPED", 5), event_at(7, "RUNNING", 6)}),
               {unknown(3, 9)},
               {},
               {}},
              {"unknown_status RUNNING 3-4", "unknown_status  4-7"}},
             {"UNKNOWN, until something else is said",
              {with({event_at(3, "UNKNOWN", 5),
                     event_at(4, "UNKNOWN", 6),
                     event_at(6, "RUNNING", 7)}),
               {},
               {},
               {}},
              {"unknown_hold RUNNING 3-6"}},
             {"a transit answers it too",
              {with({event_at(3, "UNKNOWN", 5), event_at(5, "STOPPING", 6)}), {}, {}, {}},
              {"unknown_hold RUNNING 3-5"}},
             {"before the first charge it holds nothing",
              {with({event_at(1, "UNKNOWN", 5)}), {}, {}, {}},
              {}},
             {"a clamped start and end",
              {ran, {}, {2}, {}},
              {"time_clamped RUNNING 2-10", "time_clamped STOPPED 10-20"}},
             {"a clamped start only", {ran, {}, {1}, {}}, {"time_clamped RUNNING 2-10"}},
             {"silence, while the interval is open",
              {ran, {}, {}, hour(12)},
              {"silent_source STOPPED 12-20"}},
             {"silence of what is gone", {gone, {}, {}, hour(15)}, {}}}) {
        INFO(row.what);
        CHECK(row.story.texts() == row.expected);
    }
}

TEST_CASE("what overlaps counts once without regard to causes", "[doubt]") {
    const DoubtfulStory story{
        {event_at(2, "RUNNING", 1), event_at(4, "UNKNOWN", 2), event_at(8, "RUNNING", 3)},
        {unknown(6, 9)},
        {},
        hour(7)};
    const auto merged = without_cause(story.stretches());
    REQUIRE(merged.size() == 1);
    CHECK(merged[0].during == Period{hour(4), hour(20)});
}

namespace {

DoubtReport doubt_of(const rules::RuleBook& book,
                     const DoubtfulStory& story,
                     std::string_view group_by,
                     DoubtChoice choice,
                     const LineFilter& filter = {}) {
    const auto keys = value_or_throw(parse_group_by(group_by));
    const Period shown{at("2026-05-01"), at("2026-06-01")};
    DoubtBuilder builder(book, keys, filter, choice, shown);
    Rater rater(book,
                {shown, hour(20), needs_days(keys)},
                {[&](const RatedLine& line) { builder.add(line); },
                 [&](const UnratedPiece& piece) { builder.add(piece); }});
    builder.add(kVm, story.stretches());
    rater.add(kVm, story.timeline().intervals);
    rater.finish();
    return builder.finish();
}

// RUNNING from 2 to 10, STOPPED until 20; UNKNOWN from 3 to 6, an unknown status at 8.
DoubtfulStory mixed_story() {
    return {{event_at(2, "RUNNING", 1),
             event_at(3, "UNKNOWN", 2),
             event_at(6, "RUNNING", 3),
             event_at(10, "STOPPED", 4)},
            {unknown(1, 8), unknown(8, 9)},
            {4},
            {}};
}

}  // namespace

TEST_CASE("doubt is told in seconds and money, by cause and group", "[doubt]") {
    const auto book = book_with(R"(
  - {id: r, meter: compute, match: {state: RUNNING}, price: "0.5", unit: hour}
)");
    const DoubtfulStory story = mixed_story();
    CHECK(doubt_csv(doubt_of(book, story, "state", DoubtChoice::unrated)) ==
          "cause,state,usage_seconds,unpriced_seconds,cost,currency\r\n"
          "missing_rate,STOPPED,0,36000,0,EUR\r\n");
    CHECK(doubt_csv(doubt_of(book, story, "state", DoubtChoice::doubtful)) ==
          "cause,state,usage_seconds,unpriced_seconds,cost,currency\r\n"
          "unknown_status,,0,3600,0,EUR\r\n"
          "unknown_status,RUNNING,7200,0,1,EUR\r\n"
          "time_clamped,RUNNING,28800,0,4,EUR\r\n"
          "time_clamped,STOPPED,0,36000,0,EUR\r\n"
          "unknown_hold,RUNNING,10800,0,1.5,EUR\r\n");
    // What rests on several causes counts once.
    const DoubtReport all = doubt_of(book, story, "", DoubtChoice::doubtful);
    CHECK(all.any.usage_seconds == decimal("28800"));
    CHECK(all.any.unpriced_seconds == decimal("39600"));
    CHECK(all.any.cost == decimal("4"));
    LineFilter running;
    running.state = "RUNNING";
    const DoubtReport part = doubt_of(book, story, "", DoubtChoice::doubtful, running);
    CHECK(part.any.unpriced_seconds.is_zero());
    CHECK(part.any.cost == decimal("4"));
}

TEST_CASE("parts of a line add up to it, under tiers and a minimum too", "[doubt]") {
    const auto book = book_with(R"(
  - id: r
    match: {state: RUNNING}
    unit: hour
    free: "2"
    minimum: 10h
    tiers: {mode: graduated, steps: [{up_to: "3", price: "1"}, {price: "0.7", flat: "2"}]}
    discount: "10%"
    minimum_spend: "40"
)");
    Fleet fleet;
    fleet.run("a", "2026-05-01T02:00:00Z", "2026-05-01T10:00:00Z");
    fleet.run("b", "2026-05-01T03:00:00Z", "2026-05-02T10:00:00Z");
    int lines = 0;
    Rater rater(book,
                {{at("2026-05-01"), at("2026-06-01")}, at("2026-06-01")},
                {[&](const RatedLine& line) {
                     ++lines;
                     const Period month{at("2026-05-01"), at("2026-06-01")};
                     DoubtSums sum;
                     Instant from = line.charge.start;
                     while (from < line.charge.end) {
                         const Instant until =
                             std::min(line.charge.end, from + Duration{5'000 * kMicrosPerSecond});
                         sum += part_of_line(line, book.rates[0], month, {from, until});
                         from = until;
                     }
                     CHECK(sum.cost == line.cost());
                 },
                 [](const UnratedPiece& /*piece*/) {}});
    for (const auto& [key, intervals] : fleet.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
    CHECK(lines == 2);
}

TEST_CASE("doubt is cut at days where they are keys", "[doubt]") {
    const auto book = book_with(R"(
  - {id: r, match: {state: PAUSED}, price: "1", unit: hour}
)",
                                "Europe/Berlin");
    const DoubtfulStory story{{event_at(2, "RUNNING", 1)}, {unknown(4, 9)}, {}, {}};
    DoubtBuilder builder(
        book, {GroupKey::day}, {}, DoubtChoice::unrated, {at("2026-05-01"), at("2026-06-01")});
    builder.add(UnratedPiece{"vm",
                             "a",
                             "p",
                             "RUNNING",
                             "unassigned",
                             {at("2026-05-01T21:00:00Z"), at("2026-05-02T23:00:00Z")}});
    CHECK(doubt_csv(builder.finish()) ==
          "cause,day,usage_seconds,unpriced_seconds,cost,currency\r\n"
          "missing_rate,2026-05-01,0,3600,0,EUR\r\n"
          "missing_rate,2026-05-02,0,86400,0,EUR\r\n"
          "missing_rate,2026-05-03,0,3600,0,EUR\r\n");
}

}  // namespace dcm::billing
