// Whatever somebody does to a derived table, a rebuild tells it and leaves what the log gives.
#include "store/rebuild.h"

#include "store/derived_ledger.h"
#include "store/ingest_writer.h"
#include "store/projection.h"
#include "store/timeline_table.h"
#include "tests/store/store_fixture.h"
#include "tests/support/refused_call.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <map>

namespace dcm::store {
namespace {

using test::Fixture;
using test::kNoProgress;
using test::query_rows;
using test::run_sql;

using Tables = std::map<std::string, std::vector<std::string>>;

Tables derived_tables(const DatabaseUrl& url) {
    Tables tables;
    for (const char* const name : {"instance",
                                   "instance_event",
                                   "interval",
                                   "event_after_end",
                                   "status_alias",
                                   "provider_name",
                                   "broker_epoch",
                                   "broker_range",
                                   "projection"}) {
        tables[name] = query_rows(url, std::string("SELECT * FROM ") + name + " ORDER BY 1, 2");
    }
    for (const std::string index : {"identity", "instance"}) {
        tables[index + "_run"] =
            query_rows(url,
                       "SELECT run, from_seq, to_seq, hex(filter), hex(fence) FROM " + index +
                           "_run ORDER BY 1");
        tables[index + "_chunk"] = query_rows(
            url, "SELECT run, chunk, hex(entries) FROM " + index + "_chunk ORDER BY 1, 2");
    }
    return tables;
}

// Records the events in batches of three, each with an identity run of its own, and projects them.
void record(Fixture& fixture, const std::vector<test::EventSpec>& specs) {
    soci::session& session = fixture.database.session();
    for (std::size_t begin = 0; begin < specs.size(); begin += 3) {
        migrations::WriteTransaction transaction(session, "test");
        IngestWriter writer(session, fixture.lifecycle, fixture.key, {&digest_of, 3});
        writer.note_book(test::options_for(), 1);
        auto batch = test::drafts_of({specs.begin() + static_cast<std::ptrdiff_t>(begin),
                                      specs.begin() + static_cast<std::ptrdiff_t>(begin) + 3});
        REQUIRE(writer.append(batch, "svc:test/1", 1).accepted == 3);
        transaction.commit();
    }
    fixture.store.project(/*records_max=*/1'000);
}

constexpr std::int64_t kStart = 1'777'629'600;

// Two instances, one with a late event, from a stream of which one message came again as another.
std::vector<test::EventSpec> some_events() {
    return {
        {.id = "1", .time_s = kStart, .stream_seq = 1},
        {.id = "2", .instance = "i-2", .time_s = kStart, .stream_seq = 2},
        {.id = "3", .word = "STOPPED", .time_s = kStart + 90, .stream_seq = 3},
        {.id = "4", .word = "PAUSED", .time_s = kStart + 30, .stream_seq = 5},
        {.id = "5", .instance = "i-2", .word = "DELETED", .time_s = kStart + 9, .stream_seq = 3},
        {.id = "6", .word = "UNKNOWN", .time_s = kStart + 95, .stream_seq = 9}};
}

// Another one after another connection wrote anything.
std::int64_t data_version(Database& database) {
    std::int64_t version = 0;
    database.session() << "PRAGMA data_version", soci::into(version);
    return version;
}

TEST_CASE("a rebuild leaves tables alone that are right", "[rebuild]") {
    Fixture fixture;
    record(fixture, some_events());
    const Tables before = derived_tables(fixture.url);
    CHECK(before.at("identity_run").size() == 2);
    CHECK(before.at("broker_epoch").size() == 2);
    const std::int64_t version_before = data_version(fixture.database);
    const auto outcome = rebuild(fixture.url, fixture.lifecycle, kNoProgress);
    CHECK(outcome.difference.empty());
    CHECK(outcome.instances == 2);
    CHECK(outcome.intervals == static_cast<std::int64_t>(before.at("interval").size()));
    CHECK(derived_tables(fixture.url) == before);
    CHECK(data_version(fixture.database) == version_before);
}

TEST_CASE("fault 45: without threads to be had a rebuild compares in this one", "[rebuild]") {
    Fixture fixture;
    record(fixture, some_events());
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(no_thread.count() > 0);
    REQUIRE(run_sql(fixture.url, "DELETE FROM instance WHERE instance_no = 1").empty());
    CHECK_FALSE(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("a rebuild tells a damaged table, and puts it right", "[rebuild]") {
    const auto [damage, told] = GENERATE(table<const char*, const char*>({
        {"DELETE FROM instance WHERE instance_no = 1", "instance vm/i-2"},
        {"UPDATE instance SET ended_log_seq = 1 WHERE instance_no = 1", "instance vm/i-2"},
        {"UPDATE instance SET instance_id = 'i-3' WHERE instance_no = 1", "instance vm/i-2"},
        {"UPDATE instance SET instance_no = 77 WHERE instance_no = 1",
         "instance_event of instance_no 1 at seq 1"},
        {"INSERT INTO instance SELECT 70, service_type, 'i-9', provider, status, since, events,"
         " last_time, last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq"
         " FROM instance WHERE instance_no = 1",
         "instance vm/i-9"},
        {"INSERT INTO instance SELECT -7, service_type, 'i-9', provider, status, since, events,"
         " last_time, last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq"
         " FROM instance WHERE instance_no = 1",
         "instance vm/i-9"},
        {"DELETE FROM interval WHERE ended_at IS NULL", "interval of instance_no 0"},
        {"UPDATE interval SET state = 'FREE' WHERE instance_no = 1", "interval of instance_no 1"},
        {"UPDATE interval SET doubtful = 2 WHERE doubtful = 1", "interval of instance_no 0"},
        {"INSERT INTO interval SELECT 1, 5, 6, provider, state, 1, 1, 0 FROM interval"
         " WHERE instance_no = 1",
         "interval of instance_no 1"},
        {"INSERT INTO interval SELECT 88, 5, 6, provider, state, 1, 1, 0 FROM interval"
         " WHERE instance_no = 1",
         "interval of instance_no 88 from 5"},
        {"DELETE FROM instance_event WHERE log_seq = 3",
         "instance_event of instance_no 0 at seq 3"},
        {"UPDATE instance_event SET word = 'PAUSED' WHERE log_seq = 2",
         "instance_event of instance_no 0 at seq 2"},
        {"UPDATE instance_event SET segment = 3 WHERE log_seq = 2",
         "instance_event of instance_no 0 at seq 2"},
        {"INSERT INTO instance_event VALUES (0, 0, 1, 5, 5, 's', 'RUNNING')",
         "instance_event of instance_no 0 at seq 1"},
        {"INSERT INTO instance_event VALUES (4, 0, 0, 5, 5, 's', 'RUNNING')",
         "instance_event of instance_no 0 at seq 0"},
        {"INSERT INTO instance_event VALUES (-4, 0, 0, 5, 5, 's', 'RUNNING')",
         "instance_event of instance_no 0 at seq 0"},
        {"DELETE FROM projection", "instance_event of instance_no 0 at seq 0"},
        {"UPDATE projection SET log_size = 4", "instance_event of instance_no "},
        {"UPDATE projection SET log_size = 400", "projection log_size 400"},
        {"UPDATE identity_run SET filter = zeroblob(64) WHERE run = 1", "identity_run 1"},
        {"UPDATE identity_run SET fence = zeroblob(8) WHERE run = 0", "identity_run 0"},
        {"INSERT INTO identity_run VALUES (2, 0, 9, x'00', x'00')", "identity_run 2"},
        {"UPDATE identity_chunk SET entries = zeroblob(48) WHERE run = 1",
         "identity_chunk 0 of run 1"},
        {"DELETE FROM identity_chunk WHERE run = 0", "identity_chunk 0 of run 0"},
        {"INSERT INTO identity_chunk VALUES (1, 1, x'00')", "identity_chunk 1 of run 1"},
        {"INSERT INTO identity_chunk VALUES (5, 0, x'00')", "identity_chunk 0 of run 5"},
        {"UPDATE broker_epoch SET stream = 'other' WHERE epoch = 1", "broker_epoch 1"},
        {"INSERT INTO broker_epoch VALUES (3, 'dcm-status', 7)", "broker_epoch 3"},
        {"DELETE FROM broker_epoch WHERE epoch = 2", "broker_epoch 2"},
        {"DELETE FROM broker_range WHERE first_sequence = 9", "broker_range of epoch 1 from 9"},
        {"UPDATE broker_range SET first_seq = 9 WHERE epoch = 2", "broker_range of epoch 2 from 3"},
        {"INSERT INTO broker_range VALUES (1, 7, 8, 7)", "broker_range of epoch 1 from "},
        {"INSERT INTO broker_range VALUES (2, 7, 8, 7)", "broker_range of epoch 2 from "},
        {"DELETE FROM status_alias WHERE word = 'SUCCEEDED'", "status_alias vm/SUCCEEDED"},
        {"UPDATE status_alias SET status = 'PAUSED' WHERE word = 'SUCCEEDED'",
         "status_alias vm/SUCCEEDED"},
        {"INSERT INTO status_alias VALUES ('vm', 'ZZZ', 'RUNNING')", "status_alias vm/ZZZ"},
        {"INSERT INTO provider_name VALUES ('s', 'p')", "provider_name s"},
    }));
    Fixture fixture;
    record(fixture, some_events());
    const Tables before = derived_tables(fixture.url);
    REQUIRE(run_sql(fixture.url, damage).empty());
    REQUIRE(derived_tables(fixture.url) != before);
    INFO(damage);
    const auto outcome = rebuild(fixture.url, fixture.lifecycle, kNoProgress);
    CHECK(outcome.difference.substr(0, std::string(told).size()) == told);
    CHECK(derived_tables(fixture.url) == before);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("a rebuild tells a damaged run of instances, and puts it right", "[rebuild]") {
    const auto [damage, told] = GENERATE(table<const char*, const char*>({
        {"UPDATE instance_run SET filter = zeroblob(64) WHERE run = 1", "instance_run 1"},
        {"UPDATE instance_run SET fence = zeroblob(8) WHERE run = 0", "instance_run 0"},
        {"INSERT INTO instance_run VALUES (2, 0, 9, x'00', x'00')", "instance_run 2"},
        {"UPDATE instance_chunk SET entries = zeroblob(16) WHERE run = 1",
         "instance_chunk 0 of run 1"},
        {"DELETE FROM instance_chunk WHERE run = 0", "instance_chunk 0 of run 0"},
        {"INSERT INTO instance_chunk VALUES (1, 1, x'00')", "instance_chunk 1 of run 1"},
        {"INSERT INTO instance_chunk VALUES (5, 0, x'00')", "instance_chunk 0 of run 5"},
    }));
    Fixture fixture;
    fixture.append(some_events());
    soci::session& session = fixture.database.session();
    InstanceIndex instances(session, {&digest_of, 1});
    for (const SeqRange& step : {SeqRange{0, 1}, SeqRange{1, 2}, SeqRange{2, 7}}) {
        migrations::WriteTransaction transaction(session, "test");
        Projection projection(session, fixture.lifecycle, instances);
        projection.adopt_lifecycle();
        projection.take_in(read_accepted_events(session, step), step.to);
        transaction.commit();
    }
    const Tables before = derived_tables(fixture.url);
    REQUIRE(before.at("instance_run").size() == 2);
    REQUIRE(run_sql(fixture.url, damage).empty());
    INFO(damage);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference == told);
    CHECK(derived_tables(fixture.url) == before);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("a rebuild tells which events follow an end", "[rebuild]") {
    const auto [damage, told] = GENERATE(table<const char*, const char*>({
        {"DELETE FROM event_after_end", "event_after_end 2"},
        {"UPDATE event_after_end SET instance_no = 1", "event_after_end 2"},
        {"INSERT INTO event_after_end VALUES (0, 0)",
         "event_after_end has 2 rows, the log gives 1"},
    }));
    Fixture fixture;
    fixture.append({{.id = "1", .time_s = kStart},
                    {.id = "2", .word = "DELETED", .time_s = kStart + 5},
                    {.id = "3", .time_s = kStart + 9}});
    fixture.store.project(/*records_max=*/100);
    const Tables before = derived_tables(fixture.url);
    CHECK(before.at("event_after_end") == std::vector<std::string>{"2|0"});
    REQUIRE(run_sql(fixture.url, damage).empty());
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference == told);
    CHECK(derived_tables(fixture.url) == before);
}

// Where a run ended nobody knows afterwards; without runs, identities are read from the log.
TEST_CASE("runs of identities that do not follow each other are given up", "[rebuild]") {
    Fixture fixture;
    record(fixture, some_events());
    const auto [damage, told, runs_left] = GENERATE(table<const char*, const char*, const char*>(
        {{"DELETE FROM identity_run WHERE run = 1", "identity_chunk 0 of run 1", "1"},
         {"DELETE FROM identity_run WHERE run = 0", "identity_run 1", "0"},
         {"UPDATE identity_run SET from_seq = 1 WHERE run = 0", "identity_run 0", "0"}}));
    REQUIRE(run_sql(fixture.url, damage).empty());
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference == told);
    CHECK(test::query_text(fixture.url, "SELECT count(*) FROM identity_run") == runs_left);
    CHECK(test::query_text(fixture.url, "SELECT count(*) FROM identity_chunk") == runs_left);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(fixture.append({{.id = "1"}, {.id = "6", .word = "UNKNOWN"}}).duplicate == 2);
}

// A row of the log as ingesting makes it, where the log has no neighbours of it.
std::string insert_record(std::int64_t seq, const std::string& instance, const std::string& word) {
    const std::string number = std::to_string(seq);
    return "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, ce_source, ce_id,"
           " outcome, body) VALUES (" +
           number + ", 1900000000000000, 'event.received', 'svc:x', 'vm/" + instance + "', 's', '" +
           number + "', 'accepted', '{\"event_time\":\"2026-05-0" + std::to_string(seq % 7 + 1) +
           "T10:00:00Z\",\"word\":\"" + word + "\"}');";
}

TEST_CASE("instances reach over segments", "[rebuild]") {
    Fixture fixture;
    fixture.append({{.id = "1", .instance = "a"}});
    std::string log = "DROP TRIGGER audit_log_next_seq;";
    for (const std::int64_t offset : {-2, -1, 0, 1, 2}) {
        log += insert_record(kSegmentRecords + offset, offset % 2 == 0 ? "a" : "b", "STOPPED");
        log += insert_record(3 * kSegmentRecords + offset, offset % 2 == 0 ? "b" : "c", "RUNNING");
    }
    log += "UPDATE audit_head SET size = " + std::to_string(3 * kSegmentRecords + 3);
    REQUIRE(run_sql(fixture.url, log).empty());
    fixture.store.project(/*records_max=*/4 * kSegmentRecords);
    const Tables before = derived_tables(fixture.url);
    CHECK(before.at("instance").size() == 3);
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    for (const std::int64_t seq : {kSegmentRecords - 2, kSegmentRecords, 3 * kSegmentRecords + 2}) {
        const std::string where = " WHERE log_seq = " + std::to_string(seq);
        REQUIRE(run_sql(fixture.url, "UPDATE instance_event SET source = 'x'" + where).empty());
        CHECK_FALSE(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
        CHECK(derived_tables(fixture.url) == before);
    }
}

TEST_CASE("the first of several differences is told", "[rebuild]") {
    Fixture fixture;
    record(fixture, some_events());
    REQUIRE(run_sql(fixture.url,
                    "UPDATE interval SET provider = 'nobody'; DELETE FROM status_alias;"
                    "DELETE FROM broker_range; DELETE FROM identity_run")
                .empty());
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference ==
          "interval of instance_no 0 from " + std::to_string(kStart * 1'000'000));
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("damage is told under another lifecycle than the stored one too", "[rebuild]") {
    Fixture fixture;
    record(fixture, some_events());
    // A book without a lifecycle of its own has the standard one; it is kept as one file or
    // several.
    const std::string book = "version: 1\ncurrency: EUR\ntimezone: UTC\nissuer: x\nrates: []\n";
    const bool is_one_file = GENERATE(true, false);
    const std::string several =
        "a.yaml\n" + std::to_string(book.size()) + "\n" + book + "b.yaml\n2\n{}";
    const std::string& kept = is_one_file ? book : several;
    REQUIRE(run_sql(fixture.url, "UPDATE book SET bytes = CAST('" + kept + "' AS BLOB)").empty());
    auto other = fixture.lifecycle;
    other.services["vm"].policies["STOPPED"] = {dcm::rules::PolicyKind::none, ""};
    const bool is_damaged = GENERATE(false, true);
    if (is_damaged) {
        REQUIRE(run_sql(fixture.url, "UPDATE interval SET provider = 'nobody'").empty());
    }
    const auto outcome = rebuild(fixture.url, other, kNoProgress);
    CHECK(outcome.difference.empty() != is_damaged);
    CHECK(test::query_text(fixture.url,
                           "SELECT count(*) FROM interval WHERE state = 'STOPPED'"
                           " OR provider = 'nobody'") == "0");
    // Its own book is not kept, so nothing can be said, but all is derived again.
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(test::query_text(fixture.url, "SELECT count(*) FROM interval WHERE state = 'STOPPED'") ==
          "1");
}

}  // namespace
}  // namespace dcm::store
