#include "store/instance_index.h"

#include "store/projection.h"
#include "store/rebuild.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace dcm::store {
namespace {

using test::Fixture;
using test::query_text;

// Two digests for everything: nearly every instance collides with another.
Digest digest_of_two(const TextPair& key) {
    return static_cast<Digest>(key.second.size() % 2);
}

// Takes in what the log has and the projection has not, in steps, with runs as short as asked.
void project(Fixture& fixture, const DigestOptions& options, std::int64_t step) {
    soci::session& session = fixture.database.session();
    std::int64_t size = 0;
    session << "SELECT size FROM audit_head", soci::into(size);
    InstanceIndex instances(session, options);
    for (std::int64_t from = read_projection_state(session).log_size; from < size; from += step) {
        migrations::WriteTransaction transaction(session, "test");
        const std::int64_t to = std::min(size, from + step);
        Projection projection(session, fixture.lifecycle, instances);
        projection.adopt_lifecycle();
        projection.take_in(read_accepted_events(session, {from, to}), to);
        transaction.commit();
    }
}

std::vector<test::EventSpec> events_of(int instances) {
    std::vector<test::EventSpec> specs;
    for (int i = 0; i < instances; ++i) {
        specs.push_back(
            {.id = std::to_string(i),
             .instance = std::string(static_cast<std::size_t>(i % 4), 'x') + std::to_string(i)});
    }
    return specs;
}

TEST_CASE("an instance is found by its key, in memory and in every run", "[instances]") {
    Fixture fixture;
    const DigestOptions options{GENERATE(DigestOptions{}.digest, &digest_of_two), 4};
    const auto specs = events_of(31);
    fixture.append(specs);
    project(fixture, options, 3);
    CHECK(query_text(fixture.url, "SELECT count(*) > 3 FROM instance_run") == "1");
    CHECK(query_text(fixture.url, "SELECT max(to_seq) < 31 FROM instance_run") == "1");
    InstanceIndex instances(fixture.database.session(), options);
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const auto found = instances.find({"vm", specs[i].instance});
        REQUIRE(found);
        CHECK(found->instance_no == static_cast<std::int64_t>(i));
        CHECK(found->summary.events == 1);
    }
    CHECK_FALSE(instances.find({"vm", "x"}));
    CHECK_FALSE(instances.find({"container", specs[0].instance}));
}

TEST_CASE("events of an instance meet over runs, however they are taken in", "[instances]") {
    Fixture fixture;
    fixture.append(events_of(10));
    project(fixture, {&digest_of, 3}, GENERATE(1, 4, 10));
    auto later = events_of(10);
    for (auto& spec : later) {
        spec.id += "-later";
        spec.word = "STOPPED";
        spec.time_s += 60;
    }
    fixture.append(later);
    project(fixture, {&digest_of, 3}, 20);
    CHECK(query_text(fixture.url, "SELECT count(*), min(events), max(events) FROM instance") ==
          "10|2|2");
}

// Its number is that of the message, its entry in the index that of the verdict.
TEST_CASE("an instance first known by a retried verdict is found, and its run rebuilt",
          "[instances]") {
    Fixture fixture;
    auto rejected = test::message_of({.id = "1", .instance = "late", .word = "STRANGE"});
    billing::Rejection rejection;
    rejection.reason = billing::Reason::unknown_status;
    rejection.service_type = "vm";
    rejection.instance = "late";
    rejected.decision = rejection;
    test::record(fixture.store, {rejected});
    fixture.append({{.id = "2", .instance = "a"}, {.id = "3", .instance = "b"}});
    const DigestOptions options{&digest_of, 2};
    project(fixture, options, 10);
    REQUIRE(query_text(fixture.url, "SELECT to_seq FROM instance_run") == "3");
    // As `quarantine retry` records it.
    REQUIRE(test::run_sql(
                fixture.url,
                "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, ce_source, ce_id,"
                " outcome, body) VALUES (3, 1900000000000000, 'quarantine.retried', 'user:x',"
                " 'seq/0', 's', '1', 'accepted',"
                " '{\"event_time\":\"2026-05-01T10:00:00Z\",\"word\":\"RUNNING\"}');"
                "UPDATE audit_head SET size = 4")
                .empty());
    project(fixture, options, 10);
    CHECK(InstanceIndex(fixture.database.session(), options).find({"vm", "late"})->instance_no ==
          0);
    REQUIRE(test::run_sql(
                fixture.url,
                "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, ce_source, ce_id,"
                " outcome, body) VALUES (4, 1900000000000000, 'event.received', 'svc:x', 'vm/c',"
                " 's', '5', 'accepted',"
                " '{\"event_time\":\"2026-05-01T10:00:00Z\",\"word\":\"RUNNING\"}');"
                "UPDATE audit_head SET size = 5")
                .empty());
    project(fixture, options, 10);
    REQUIRE(query_text(fixture.url, "SELECT to_seq FROM instance_run WHERE run = 1") == "5");
    CHECK(InstanceIndex(fixture.database.session(), options).find({"vm", "late"})->instance_no ==
          0);
    const auto no_progress = [](std::int64_t, std::int64_t) {};
    CHECK(rebuild(fixture.url, fixture.lifecycle, no_progress).difference.empty());
    REQUIRE(test::run_sql(fixture.url, "UPDATE instance_run SET fence = x'00'").empty());
    CHECK(rebuild(fixture.url, fixture.lifecycle, no_progress).difference == "instance_run 0");
    CHECK(rebuild(fixture.url, fixture.lifecycle, no_progress).difference.empty());
}

TEST_CASE("opening the index of instances does not read the log from end to end", "[instances]") {
    const Fixture fixture;
    std::string plan;
    for (const std::string& row : test::query_rows(
             fixture.url, std::string("EXPLAIN QUERY PLAN ") + kInstanceIndex.select_entries)) {
        plan += row + '\n';
    }
    CHECK_THAT(plan, Catch::Contains("SEARCH i USING INTEGER PRIMARY KEY (rowid>?)"));
    CHECK_THAT(plan, Catch::Contains("SCAN r USING INDEX audit_log_retried"));
}

TEST_CASE("an index knows when another one has gone on", "[instances]") {
    Fixture fixture;
    fixture.append(events_of(3));
    InstanceIndex instances(fixture.database.session());
    CHECK(instances.is_current());
    project(fixture, {&digest_of, 2}, 3);
    CHECK_FALSE(instances.is_current());
    InstanceIndex again(fixture.database.session());
    CHECK(again.is_current());
    // A rebuild may lay the runs down elsewhere while the log stays as long.
    REQUIRE(test::run_sql(fixture.url, "DELETE FROM instance_run").empty());
    CHECK_FALSE(again.is_current());
}

}  // namespace
}  // namespace dcm::store
