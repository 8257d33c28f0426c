// The projection, a reader over a lagging projection and a rebuild all give what derive_intervals
// gives for the set of accepted events.
#include "store/log_reader.h"
#include "store/rebuild.h"
#include "store/usage_reader.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

namespace dcm::store {
namespace {

using dcm::billing::AcceptedEvent;
using dcm::billing::InstanceKey;
using dcm::billing::Timeline;
using test::EventSpec;
using test::Fixture;
using test::kNoProgress;

using Timelines = std::map<InstanceKey, Timeline>;

// Lives of a few instances with every policy, ties in time and late events.
std::vector<EventSpec> random_events(unsigned seed, int count) {
    std::mt19937 random(seed);  // NOLINT(cert-msc51-cpp): the seed is printed
    const std::vector<std::string> words{"RUNNING",
                                         "STOPPED",
                                         "RUNNING",
                                         "PAUSED",
                                         "ERROR",
                                         "UNKNOWN",
                                         "PROVISIONING",
                                         "FAILED",
                                         "DELETED"};
    const std::vector<std::string> sources{"dcm/providers/x", "other"};
    std::vector<EventSpec> specs;
    for (int i = 0; i < count; ++i) {
        EventSpec spec;
        spec.id = std::to_string(i);
        spec.source = sources[random() % 2];
        spec.instance = "i-" + std::to_string(random() % 5);
        // DELETED is rare: most of the story would lie behind it otherwise.
        spec.word = words[random() % (random() % 8 == 0 ? words.size() : words.size() - 1)];
        spec.time_s = 1'777'629'600 + static_cast<std::int64_t>(random() % 60);
        spec.stream_seq = random() % 3 == 0 ? 0 : i + 1;
        specs.push_back(spec);
    }
    return specs;
}

Timelines expected_timelines(const std::vector<EventSpec>& specs,
                             const dcm::rules::Lifecycle& lifecycle) {
    std::map<InstanceKey, std::vector<AcceptedEvent>> events;
    std::int64_t seq = 0;
    for (const EventSpec& spec : specs) {
        const auto status = lifecycle.status_of(spec.service_type, spec.word).value_or(spec.word);
        events[{spec.service_type, spec.instance}].push_back(
            {{dcm::Instant{spec.time_s * 1'000'000}, spec.stream_seq, seq},
             std::string(lifecycle.provider_of(spec.source)),
             std::string(status)});
        ++seq;
    }
    Timelines timelines;
    for (const auto& [key, list] : events) {
        timelines[key] = dcm::billing::derive_intervals(list, key.service_type, lifecycle);
    }
    return timelines;
}

Timelines read_timelines(const DatabaseUrl& url,
                         const dcm::rules::Lifecycle& lifecycle,
                         const InstanceFilter& filter = {}) {
    auto database = Database::open_for_reading(url);
    const LogReader snapshot(database);
    Timelines timelines;
    InstanceKey previous;
    UsageReader(snapshot, lifecycle)
        .each_instance(filter, [&](const auto& key, const auto& timeline) {
            CHECK(previous < key);
            previous = key;
            timelines[key] = timeline;
        });
    return timelines;
}

// As read_timelines, with the reader's other way to read all of them.
Timelines read_in_any_order(const DatabaseUrl& url, const dcm::rules::Lifecycle& lifecycle) {
    auto database = Database::open_for_reading(url);
    const LogReader snapshot(database);
    const UsageReader reader(snapshot, lifecycle);
    const std::optional<dcm::Instant> earliest = reader.earliest_start();
    Timelines timelines;
    std::optional<dcm::Instant> found;
    reader.each_in_any_order([&](const auto& key, const auto& timeline) {
        CHECK(timelines.emplace(key, timeline).second);
        for (const auto& interval : timeline.intervals) {
            found = found ? std::min(*found, interval.start) : interval.start;
        }
    });
    CHECK(earliest == found);
    return timelines;
}

TEST_CASE("events in any order and in any steps give the intervals of their set", "[projection]") {
    const unsigned seed = GENERATE(1U, 2U, 3U, 4U, 5U, 6U);
    INFO("seed " << seed);
    const auto specs = random_events(seed, 120);
    Fixture fixture;
    const auto expected = expected_timelines(specs, fixture.lifecycle);
    for (std::size_t begin = 0; begin < specs.size(); begin += 30) {
        fixture.append({specs.begin() + static_cast<std::ptrdiff_t>(begin),
                        specs.begin() + static_cast<std::ptrdiff_t>(begin) + 30});
        if (seed % 2 == 0) {
            fixture.store.project(/*records_max=*/17);
        }
    }
    // Partly or not at all projected: the reader derives the rest.
    CHECK(fixture.store.projection_lag() > 0);
    CHECK(read_timelines(fixture.url, fixture.lifecycle) == expected);
    CHECK(read_in_any_order(fixture.url, fixture.lifecycle) == expected);
    while (fixture.store.projection_lag() > 0) {
        fixture.store.project(/*records_max=*/13);
    }
    CHECK(read_timelines(fixture.url, fixture.lifecycle) == expected);
    CHECK(read_in_any_order(fixture.url, fixture.lifecycle) == expected);
    const auto outcome = rebuild(fixture.url, fixture.lifecycle, kNoProgress);
    CHECK(outcome.difference.empty());
    CHECK(outcome.records == 120);
    CHECK(outcome.instances == static_cast<std::int64_t>(expected.size()));
    CHECK(read_timelines(fixture.url, fixture.lifecycle) == expected);
}

TEST_CASE("under another lifecycle everything is derived again", "[projection]") {
    const auto specs = random_events(/*seed=*/11, 100);
    Fixture fixture;
    fixture.append(specs);
    fixture.store.project(/*records_max=*/70);
    auto other = fixture.lifecycle;
    other.services["vm"].policies["STOPPED"] = {dcm::rules::PolicyKind::none, ""};
    other.services["vm"].aliases["FAILED"] = "RUNNING";
    other.provider_names["other"] = "renamed";
    const auto expected = expected_timelines(specs, other);
    CHECK(expected != expected_timelines(specs, fixture.lifecycle));
    CHECK(read_timelines(fixture.url, other) == expected);
    auto database = Database::open_for_writing(fixture.url);
    IngestStore store(database, other, fixture.key, fixture.clock, test::options_for("sha256:b2"));
    store.project(/*records_max=*/1'000);
    CHECK(read_timelines(fixture.url, other) == expected);
    CHECK(read_timelines(fixture.url, fixture.lifecycle) ==
          expected_timelines(specs, fixture.lifecycle));
    CHECK(rebuild(fixture.url, other, kNoProgress).difference.empty());
}

TEST_CASE("duplicates and rejected messages make no events", "[projection]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "1"}, {.id = "1", .word = "STOPPED"}});
    test::record(fixture.store, {test::rejected_message(dcm::billing::Reason::bad_json)});
    fixture.store.project(/*records_max=*/100);
    CHECK(fixture.store.projection_lag() == 0);
    CHECK(test::query_rows(fixture.url, "SELECT instance_id, status, events FROM v_instance") ==
          std::vector<std::string>{"i-1|RUNNING|1"});
}

TEST_CASE("a filter narrows the instances read", "[projection]") {
    Fixture fixture;
    fixture.append({{.id = "1", .instance = "a"}, {.id = "2", .instance = "b"}});
    fixture.store.project(/*records_max=*/100);
    fixture.append({{.id = "3", .service_type = "container", .instance = "b"},
                    {.id = "4", .instance = "c"},
                    {.id = "5", .instance = "ab"}});
    const auto keys = [&fixture](const InstanceFilter& filter) {
        std::string text;
        for (const auto& [key, timeline] : read_timelines(fixture.url, fixture.lifecycle, filter)) {
            text += key.service_type + "/" + key.instance + " ";
        }
        return text;
    };
    CHECK(keys({}) == "container/b vm/a vm/ab vm/b vm/c ");
    CHECK(keys({"vm", std::nullopt}) == "vm/a vm/ab vm/b vm/c ");
    CHECK(keys({std::nullopt, "b"}) == "container/b vm/b ");
    CHECK(keys({"vm", "b"}) == "vm/b ");
    CHECK(keys({"vm", "ab"}) == "vm/ab ");
    CHECK(keys({"vm", "x"}).empty());
    CHECK(keys({"container", std::nullopt}) == "container/b ");
}

TEST_CASE("a rebuild tells what was tampered with, and puts it right", "[projection]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2", .word = "STOPPED", .time_s = 1'777'629'700}});
    fixture.store.project(/*records_max=*/100);
    const auto before = test::query_rows(fixture.url, "SELECT * FROM v_usage_interval");
    const auto [damage, damaged] = GENERATE(table<const char*, const char*>(
        {{"UPDATE interval SET ended_at = ended_at + 1 WHERE ended_at IS NOT NULL", "interval"},
         {"DELETE FROM interval WHERE ended_at IS NULL", "interval"},
         {"UPDATE instance SET provider = 'y'", "instance "},
         {"UPDATE instance_event SET word = 'PAUSED' WHERE log_seq = 1", "instance_event"}}));
    REQUIRE(test::run_sql(fixture.url, damage).empty());
    const auto outcome = rebuild(fixture.url, fixture.lifecycle, kNoProgress);
    CHECK(outcome.difference.find(damaged) == 0);
    CHECK(test::query_rows(fixture.url, "SELECT * FROM v_usage_interval") == before);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("a projection that is not where it says is refused, and a rebuild is named",
          "[projection]") {
    struct Row {
        const char* change;
        std::string told;
    };
    const Row row = GENERATE(values<Row>({
        {"UPDATE projection SET log_size = 40", " in it already"},
        {"UPDATE projection SET log_size = 0", " in it already"},
        {"UPDATE projection SET log_size = 101", "101 records of 100"},
        {"UPDATE projection SET log_size = -1", "-1 records of 100"},
    }));
    INFO(row.change);
    const auto specs = random_events(/*seed=*/5, 100);
    Fixture fixture;
    fixture.append(specs);
    fixture.store.project(/*records_max=*/100);
    REQUIRE(test::run_sql(fixture.url, row.change).empty());
    const Catch::Matchers::StdString::ContainsMatcher refused =
        Catch::Contains(row.told + "; run `dcm-billing rebuild`");
    CHECK_THROWS_WITH(read_timelines(fixture.url, fixture.lifecycle), refused);
    auto database = Database::open_for_reading(fixture.url);
    const LogReader snapshot(database);
    CHECK_THROWS_WITH(UsageReader(snapshot, fixture.lifecycle).events_of({"vm", "i-1"}), refused);
    // Who brings it up to date must not count an event twice either.
    if (fixture.store.projection_lag() > 0) {
        CHECK_THROWS_WITH(fixture.store.project(/*records_max=*/100),
                          Catch::Contains("run `dcm-billing rebuild`"));
    }
    CHECK(!rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(read_timelines(fixture.url, fixture.lifecycle) ==
          expected_timelines(specs, fixture.lifecycle));
}

TEST_CASE("a retried verdict takes the place of the message's own record", "[projection]") {
    Fixture fixture;
    auto rejected = test::message_of({.id = "1", .word = "STRANGE", .stream_seq = 4});
    dcm::billing::Rejection rejection;
    rejection.reason = dcm::billing::Reason::unknown_status;
    rejection.service_type = "vm";
    rejection.instance = "i-1";
    rejected.decision = rejection;
    test::record(fixture.store, {rejected});
    fixture.append({{.id = "2", .word = "STOPPED", .stream_seq = 5}});
    // As `quarantine retry` records it.
    REQUIRE(test::run_sql(
                fixture.url,
                "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, ce_source, ce_id,"
                " outcome, body) VALUES (2, 1900000000000000, 'quarantine.retried', 'user:x',"
                " 'seq/0', 's', '1', 'accepted',"
                " '{\"event_time\":\"2026-05-01T10:00:00Z\",\"word\":\"RUNNING\"}');"
                "UPDATE audit_head SET size = 3")
                .empty());
    const auto timelines = read_timelines(fixture.url, fixture.lifecycle);
    const auto& timeline = timelines.at({"vm", "i-1"});
    REQUIRE(timeline.intervals.size() == 1);
    CHECK(timeline.intervals[0].state == "STOPPED");
    CHECK(timeline.summary->events == 2);
    fixture.store.project(/*records_max=*/2);
    fixture.store.project(/*records_max=*/2);
    CHECK(read_timelines(fixture.url, fixture.lifecycle) == timelines);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(test::query_rows(fixture.url,
                           "SELECT seq, verdict, reason, status, id FROM v_event ORDER BY seq") ==
          std::vector<std::string>{"0|accepted|NULL|RUNNING|1", "1|accepted|NULL|STOPPED|2"});
}

}  // namespace
}  // namespace dcm::store
