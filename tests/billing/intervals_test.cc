#include "billing/intervals.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <sstream>

namespace dcm::billing {
namespace {

const rules::Lifecycle& lifecycle() {
    static const rules::Lifecycle standard = rules::standard_lifecycle();
    return standard;
}

AcceptedEvent event(std::int64_t second, std::string status, std::int64_t log_seq) {
    return {{Instant{second * kMicrosPerSecond}, 0, log_seq}, "p", std::move(status)};
}

// "9 RUNNING, 10 STOPPED": times in seconds; log seqs count from 1.
std::vector<AcceptedEvent> story(const std::string& text) {
    std::vector<AcceptedEvent> events;
    std::istringstream in(text);
    std::string part;
    while (std::getline(in, part, ',')) {
        std::istringstream words(part);
        std::int64_t second = 0;
        std::string status;
        words >> second >> status;
        events.push_back(event(second, status, static_cast<std::int64_t>(events.size()) + 1));
    }
    return events;
}

// "RUNNING 9-10 by 1/2": state, bounds, opener/closer, `?` when doubtful.
std::string shown(const Timeline& timeline) {
    std::ostringstream out;
    for (const Interval& interval : timeline.intervals) {
        out << (out.tellp() > 0 ? ", " : "") << interval.state << ' '
            << interval.start.micros / kMicrosPerSecond << '-';
        if (interval.end.has_value()) {
            out << interval.end->micros / kMicrosPerSecond;
        }
        out << " by " << interval.opened_by << '/';
        if (interval.closed_by.has_value()) {
            out << *interval.closed_by;
        }
        out << (interval.doubtful ? "?" : "");
    }
    return out.str();
}

TEST_CASE("statuses become intervals by the lifecycle's policies", "[intervals]") {
    struct Row {
        std::string_view type;
        std::string events;
        std::string intervals;
        std::string why;
    };
    for (const Row& row : {
             Row{"vm", "", "", "no event"},
             {"vm", "9 RUNNING", "RUNNING 9- by 1/", "open"},
             {"vm",
              "9 RUNNING, 10 STOPPED",
              "RUNNING 9-10 by 1/2, STOPPED 10- by 2/",
              "next state"},
             {"vm", "9 RUNNING, 10 RUNNING, 11 ERROR", "RUNNING 9-11 by 1/3", "same state again"},
             {"vm", "9 PROVISIONING, 10 RUNNING", "RUNNING 10- by 2/", "hold before a charge"},
             {"vm",
              "9 RUNNING, 10 STOPPING, 11 STOPPED",
              "RUNNING 9-11 by 1/3, STOPPED 11- by 3/",
              "hold goes on"},
             {"vm", "9 ERROR, 10 DELETED", "", "never charged"},
             {"vm", "9 RUNNING, 10 DELETED, 11 RUNNING", "RUNNING 9-10 by 1/2", "after the end"},
             {"vm",
              "9 RUNNING, 10 UNKNOWN, 11 STOPPED",
              "RUNNING 9-11 by 1/3?, STOPPED 11- by 3/",
              "the whole interval is doubtful"},
             {"vm",
              "9 RUNNING, 10 ERROR, 11 UNKNOWN, 12 RUNNING",
              "RUNNING 9-10 by 1/2, RUNNING 12- by 4/",
              "nothing open, nothing doubtful"},
             {"vm", "9 RUNNING, 9 STOPPED", "STOPPED 9- by 2/", "no length"},
             {"vm", "9 RUNNING, 9 DELETED", "", "no length, ended"},
             {"vm",
              "9 RUNNING, 10 STOPPED, 10 RUNNING",
              "RUNNING 9- by 1/",
              "neighbours that touch are one"},
             {"vm",
              "9 RUNNING, 10 ERROR, 10 RUNNING, 11 ERROR",
              "RUNNING 9-11 by 1/4",
              "a restart at the same instant is none"},
             {"vm",
              "9 RUNNING, 10 STOPPED, 10 PAUSED, 10 RUNNING, 10 STOPPED",
              "RUNNING 9-10 by 1/5, STOPPED 10- by 5/",
              "several at one instant"},
             {"vm",
              "9 RUNNING, 10 STOPPED, 10 UNKNOWN, 10 RUNNING",
              "RUNNING 9- by 1/",
              "doubt about nothing"},
             {"vm",
              "9 RUNNING, 10 STOPPED, 10 ERROR",
              "RUNNING 9-10 by 1/2",
              "who closed it stays"},
             {"vm",
              "10 RUNNING, 10 STOPPED, 10 RUNNING",
              "RUNNING 10- by 3/",
              "a dropped opener opens nothing"},
             {"vm",
              "9 RUNNING, 10 ERROR, 11 RUNNING",
              "RUNNING 9-10 by 1/2, RUNNING 11- by 3/",
              "a gap keeps them apart"},
             {"cluster",
              "9 ACTIVE, 10 DEGRADED, 11 UPDATING",
              "ACTIVE 9- by 1/",
              "charged as ACTIVE"},
             {"unheard-of", "9 RUNNING", "", "a type without a lifecycle is never charged"},
         }) {
        INFO(row.why << ": " << row.events);
        CHECK(shown(derive_intervals(story(row.events), row.type, lifecycle())) == row.intervals);
    }
}

TEST_CASE("ties go by stream sequence, then by the order of recording", "[intervals]") {
    const Instant nine{9 * kMicrosPerSecond};
    const Timeline by_sequence = derive_intervals(
        {{{nine, 9, 1}, "p", "RUNNING"}, {{nine, 8, 2}, "p", "STOPPED"}}, "vm", lifecycle());
    CHECK(shown(by_sequence) == "RUNNING 9- by 1/");
    const Timeline by_record = derive_intervals(
        {{{nine, 0, 2}, "p", "STOPPED"}, {{nine, 0, 1}, "p", "RUNNING"}}, "vm", lifecycle());
    CHECK(shown(by_record) == "STOPPED 9- by 2/");
}

TEST_CASE("an interval's provider is its opener's", "[intervals]") {
    const Timeline timeline = derive_intervals({{{Instant{1}, 0, 1}, "first", "RUNNING"},
                                                {{Instant{2}, 0, 2}, "second", "RUNNING"},
                                                {{Instant{3}, 0, 3}, "second", "STOPPED"}},
                                               "vm",
                                               lifecycle());
    REQUIRE(timeline.intervals.size() == 2);
    CHECK(timeline.intervals[0].provider == "first");
    CHECK(timeline.intervals[1].provider == "second");
}

TEST_CASE("the summary tells the last status, its run and the first end", "[intervals]") {
    const Timeline timeline = derive_intervals(
        story("1 RUNNING, 2 STOPPED, 3 STOPPED, 5 DELETED, 6 RUNNING, 7 DELETED, 8 DELETED"),
        "vm",
        lifecycle());
    REQUIRE(timeline.summary.has_value());
    CHECK(timeline.summary->status == "DELETED");
    CHECK(timeline.summary->since == Instant{7 * kMicrosPerSecond});
    CHECK(timeline.summary->last.time == Instant{8 * kMicrosPerSecond});
    CHECK(timeline.summary->events == 7);
    CHECK(timeline.summary->ended == EventOrder{Instant{5 * kMicrosPerSecond}, 0, 4});
    CHECK(shown(timeline) == "RUNNING 1-2 by 1/2, STOPPED 2-5 by 2/4");
}

TEST_CASE("a provider's own meaning of a status is followed", "[intervals]") {
    rules::Lifecycle own = rules::standard_lifecycle();
    own.services["vm"].providers["azure-west"]["STOPPED"] = {rules::PolicyKind::charge, "RUNNING"};
    std::vector<AcceptedEvent> events = story("1 RUNNING, 2 STOPPED, 3 ERROR");
    CHECK(shown(derive_intervals(events, "vm", own)) == "RUNNING 1-2 by 1/2, STOPPED 2-3 by 2/3");
    events[1].provider = "azure-west";
    CHECK(shown(derive_intervals(events, "vm", own)) == "RUNNING 1-3 by 1/3");
}

// Method: random stories with many ties. Goal: the result depends on the set alone, and a timeline
// that was cut down to its last two intervals between any two events goes on to the same end.
std::vector<AcceptedEvent> random_story(std::mt19937_64& random) {
    const std::vector<std::string> statuses{
        "RUNNING", "STOPPED", "PAUSED", "ERROR", "UNKNOWN", "STOPPING", "RUNNING", "DELETED"};
    const auto below = [&random](std::uint64_t limit) {
        return static_cast<std::int64_t>(random() % limit);
    };
    std::vector<AcceptedEvent> events;
    const std::int64_t count = below(14);
    for (std::int64_t seq = 1; seq <= count; ++seq) {
        // An end is rare, or most stories would be short.
        const std::size_t kinds = below(8) == 0 ? statuses.size() : statuses.size() - 1;
        events.push_back({{Instant{below(6) * kMicrosPerSecond}, below(3), seq},
                          below(2) == 0 ? "p" : "q",
                          statuses[random() % kinds]});
    }
    return events;
}

// What a store does between batches: keeps the older intervals, hands out the last two.
class StoredTimeline {
public:
    void add(const AcceptedEvent& event) {
        Timeline resumed;
        resumed.summary = stored_.summary;
        const std::size_t kept = stored_.intervals.size() < 2 ? 0 : stored_.intervals.size() - 2;
        resumed.intervals.assign(stored_.intervals.begin() + static_cast<std::ptrdiff_t>(kept),
                                 stored_.intervals.end());
        extend(resumed, "vm", event, lifecycle());
        stored_.intervals.resize(kept);
        stored_.intervals.insert(
            stored_.intervals.end(), resumed.intervals.begin(), resumed.intervals.end());
        stored_.summary = resumed.summary;
    }
    [[nodiscard]] const Timeline& timeline() const { return stored_; }

private:
    Timeline stored_;
};

TEST_CASE("any order, any split and any resumption give the same timeline", "[intervals]") {
    const std::uint64_t seed = Catch::rngSeed() == 0 ? 20'260'501 : Catch::rngSeed();
    std::mt19937_64 random(seed);
    for (int round = 0; round < 5'000; ++round) {
        std::vector<AcceptedEvent> events = random_story(random);
        const Timeline derived = derive_intervals(events, "vm", lifecycle());
        std::shuffle(events.begin(), events.end(), random);
        const Timeline shuffled = derive_intervals(events, "vm", lifecycle());
        std::sort(events.begin(), events.end(), [](const auto& left, const auto& right) {
            return left.order < right.order;
        });
        StoredTimeline resumed;
        for (std::size_t i = 0; i < events.size(); ++i) {
            resumed.add(events[i]);
            const std::vector<AcceptedEvent> prefix(
                events.begin(), events.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            if (resumed.timeline() != derive_intervals(prefix, "vm", lifecycle())) {
                INFO("seed " << seed << ", round " << round << ", event " << i);
                FAIL("resumed: " << shown(resumed.timeline()));
            }
        }
        if (derived != shuffled || derived != resumed.timeline()) {
            INFO("seed " << seed << ", round " << round);
            FAIL(shown(derived) << " or " << shown(shuffled));
        }
        for (std::size_t i = 0; i < derived.intervals.size(); ++i) {
            const Interval& interval = derived.intervals[i];
            REQUIRE((!interval.end.has_value() || interval.start < *interval.end));
            REQUIRE(interval.end.has_value() == interval.closed_by.has_value());
            if (i > 0) {
                const Interval& before = derived.intervals[i - 1];
                REQUIRE(before.end.has_value());
                REQUIRE(*before.end <= interval.start);
                REQUIRE((before.state != interval.state || *before.end < interval.start));
            }
        }
    }
}

}  // namespace
}  // namespace dcm::billing
