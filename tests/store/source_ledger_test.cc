#include "store/source_ledger.h"

#include "store/ingest_store.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <soci/sqlite3/soci-sqlite3.h>

namespace dcm::store {
namespace {

using test::EventSpec;
using test::Fixture;
using test::query_rows;
using test::query_text;
using Ranges = std::vector<SequenceRange>;

constexpr const char* kFindings =
    "SELECT kind, subject, outcome, reason, body FROM v_audit WHERE kind LIKE 'source.%' "
    "ORDER BY seq";

SourceState state_of(std::int64_t first_sequence, std::int64_t last_sequence) {
    SourceState state;
    state.stream = "dcm-status";
    state.created_ns = 7;
    state.durable = "dcm-billing";
    state.first_sequence = first_sequence;
    state.last_sequence = last_sequence;
    state.settled_to = last_sequence;
    state.untouched = true;
    return state;
}

std::vector<EventSpec> numbered(std::int64_t first, std::int64_t last) {
    std::vector<EventSpec> specs;
    for (std::int64_t sequence = first; sequence <= last; ++sequence) {
        specs.push_back({.id = std::to_string(sequence), .stream_seq = sequence});
    }
    return specs;
}

// How many instructions of its virtual machine SQLite needs for it.
template <typename Act>
std::int64_t steps_of(soci::session& session, const Act& act) {
    // SOCI does not export the type information a dynamic_cast needs.
    auto* const connection =
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
        static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
    std::int64_t steps = 0;
    const auto count = [](void* counted) {
        ++*static_cast<std::int64_t*>(counted);
        return 0;
    };
    sqlite_api::sqlite3_progress_handler(connection, /*every=*/1, count, &steps);
    act();
    sqlite_api::sqlite3_progress_handler(connection, 0, nullptr, nullptr);
    return steps;
}

TEST_CASE("holes in what is recorded are found, and told gaps are holes no more", "[store]") {
    Fixture fixture;
    fixture.append(numbered(3, 5));
    fixture.append(numbered(8, 9));
    const SourceState state = state_of(3, 12);
    CHECK(fixture.store.review(state) == Ranges{{1, 2}, {6, 7}, {10, 12}});
    const std::vector<SourceGap> gaps{{{1, 2}, GapCause::discarded}, {{6, 7}, GapCause::deleted}};
    fixture.store.record_gaps(state, gaps);
    CHECK(fixture.store.review(state) == Ranges{{10, 12}});
    CHECK(
        query_rows(fixture.url, kFindings) ==
        std::vector<std::string>{
            R"(source.gap|stream/dcm-status|done|discarded|{"cause":"discarded","created":7,"first":1,"last":2,"stream":"dcm-status"})",
            R"(source.gap|stream/dcm-status|done|deleted|{"cause":"deleted","created":7,"first":6,"last":7,"stream":"dcm-status"})"});
    const auto warnings = fixture.store.take_warnings();
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("sequences 1 to 2") != std::string::npos);
    CHECK(fixture.store.take_warnings().empty());
    // Known to another process, too.
    IngestStore again(
        fixture.database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
    CHECK(again.review(state) == Ranges{{10, 12}});
    CHECK(again.accounted({"dcm-status", "dcm-billing"}).at(0).sequence == 9);
    CHECK_FALSE(again.accounted({"dcm-status", "dcm-billing"}).at(0).shared);
    CHECK(again.accounted({"dcm-status", "another"}).empty());
}

TEST_CASE("above what is settled, and behind the stream's end, nothing is a hole", "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 2));
    SourceState state = state_of(1, 20);
    state.settled_to = 4;
    CHECK(fixture.store.review(state) == Ranges{{3, 4}});
    state.settled_to = 2;
    CHECK(fixture.store.review(state).empty());
    state.settled_to = 20;
    state.last_sequence = 3;
    CHECK(fixture.store.review(state) == Ranges{{3, 3}});
}

TEST_CASE("a database that begins on a used durable misses nothing of before", "[store]") {
    Fixture fixture;
    SourceState state = state_of(1, 20);
    state.untouched = false;
    CHECK(fixture.store.review(state).empty());
    state.last_sequence = state.settled_to = 25;
    CHECK(fixture.store.review(state) == Ranges{{21, 25}});
}

TEST_CASE("fault 69: on another stream of the name a durable of ours has passed over nothing",
          "[store]") {
    Fixture fixture;
    SourceState state = state_of(1, 20);
    SECTION("when it was ours alone") {
        CHECK(fixture.store.review(state) == Ranges{{1, 20}});
        state.created_ns = 8;
        state.untouched = false;
        CHECK(fixture.store.review(state) == Ranges{{1, 20}});
    }
    SECTION("not when others shared it: they may have recorded what it has passed over") {
        state.shared = true;
        CHECK(fixture.store.review(state).empty());
        state.created_ns = 8;
        state.untouched = state.shared = false;
        CHECK(fixture.store.review(state).empty());
    }
}

TEST_CASE("where a durable is shared there are no holes any more", "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 2));
    SourceState state = state_of(1, 9);
    state.shared = true;
    CHECK(fixture.store.review(state).empty());
    CHECK(fixture.store.accounted({"dcm-status", "dcm-billing"}).at(0).shared);
    // Also when the others are gone: what they recorded is elsewhere.
    state.shared = false;
    CHECK(fixture.store.review(state).empty());
    // A durable of one's own delivers everything.
    state.durable = "own";
    CHECK(fixture.store.review(state) == Ranges{{3, 9}});
}

TEST_CASE("the review of a shared durable costs the same, however much is recorded", "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 1));
    SourceState state = state_of(1, 5'000);
    state.shared = true;
    CHECK(fixture.store.review(state).empty());
    std::vector<std::int64_t> costs;
    for (const std::int64_t first : {3, 203, 1'203}) {
        // Each a range of its own: the other member has what lies between.
        std::vector<EventSpec> mine;
        for (std::int64_t sequence = first; sequence < first + 200; sequence += 2) {
            mine.push_back({.id = std::to_string(sequence), .stream_seq = sequence});
        }
        fixture.append(mine);
        costs.push_back(steps_of(fixture.database.session(),
                                 [&] { CHECK(fixture.store.review(state).empty()); }));
    }
    CHECK(costs[1] == costs[0]);
    CHECK(costs[2] == costs[0]);
}

TEST_CASE("fault 69: another stream of the name is told once, by review or by its first message",
          "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 2));
    SourceState state = state_of(1, 2);
    CHECK(fixture.store.review(state).empty());
    auto message = test::message_of({.id = "new", .stream_seq = 1});
    message.message.position->created_ns = 8;
    SECTION("by its first message") {
        CHECK(test::record(fixture.store, {message}).accepted == 1);
        CHECK(fixture.store.take_warnings().size() == 1);
    }
    state.created_ns = 8;
    static_cast<void>(fixture.store.review(state));
    static_cast<void>(fixture.store.review(state));
    static_cast<void>(test::record(fixture.store, {message}));
    CHECK(
        query_rows(fixture.url, kFindings) ==
        std::vector<std::string>{
            R"(source.reset|stream/dcm-status|done|recreated|{"cause":"recreated","created":8,"created_before":7,"stream":"dcm-status"})"});
}

std::vector<std::int64_t> newest_sequences(const IngestStore& store) {
    std::vector<std::int64_t> sequences;
    for (const BrokerPosition& position : store.newest_positions("dcm-status")) {
        sequences.push_back(position.sequence);
    }
    return sequences;
}

TEST_CASE("what is recorded behind a lost end accounts for nothing in the stream as it is since",
          "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 8));
    fixture.append(numbered(11, 12));
    const std::vector<SourceGap> gaps{{{9, 10}, GapCause::discarded}};
    fixture.store.record_gaps(state_of(1, 12), gaps);
    CHECK(fixture.store.review(state_of(1, 12)).empty());
    CHECK(newest_sequences(fixture.store) == std::vector<std::int64_t>{12, 11, 8, 4});
    fixture.store.record_rewind({"dcm-status", 7, 14, 6});
    CHECK(
        query_rows(fixture.url, kFindings).back() ==
        R"(source.reset|stream/dcm-status|done|rewound|{"cause":"rewound","created":7,"last":14,"recorded_to":12,"same_to":6,"stream":"dcm-status"})");
    CHECK(newest_sequences(fixture.store) == std::vector<std::int64_t>{6, 5, 3});
    CHECK(fixture.store.accounted({"dcm-status", "dcm-billing"}).at(0).sequence == 6);
    CHECK(fixture.store.review(state_of(1, 14)) == Ranges{{7, 14}});
    // 7 and 10 are used again, 8 and 9 were deleted before we came.
    const auto reused = [](std::int64_t sequence) {
        return EventSpec{.id = "other " + std::to_string(sequence),
                         .time_s = 1'777'629'700,
                         .stream_seq = sequence};
    };
    fixture.append({reused(7), reused(10), reused(11)});
    CHECK(fixture.store.review(state_of(1, 12)) == Ranges{{8, 9}, {12, 12}});
    CHECK(fixture.store.recorded_as({"dcm-status", 7, 8, 0}) == std::nullopt);
    CHECK(fixture.store.recorded_as({"dcm-status", 7, 7, 0})->stored_ns ==
          1'777'629'700'000'000'000);
    fixture.store.record_gaps(state_of(1, 12), std::vector<SourceGap>{{{8, 9}, GapCause::deleted}});
    CHECK(fixture.store.review(state_of(1, 11)).empty());
    // Lost once more: of both times only what is the same counts.
    fixture.store.record_rewind({"dcm-status", 7, 10, 10});
    CHECK(newest_sequences(fixture.store).front() == 10);
    CHECK(fixture.store.review(state_of(1, 12)) == Ranges{{11, 12}});
}

TEST_CASE(
    "fault 70: what a stream holds again of before it lost its end accounts for its sequences",
    "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 8));
    fixture.store.record_rewind({"dcm-status", 7, 5, 5});
    std::vector<EventSpec> others;
    for (const std::int64_t sequence : {6, 7, 8}) {
        others.push_back({.id = "other " + std::to_string(sequence),
                          .time_s = 1'777'629'700,
                          .stream_seq = sequence});
    }
    CHECK(fixture.append(others).accepted == 3);
    const auto newest = [&] { return fixture.store.newest_positions("dcm-status").front(); };
    const BrokerPosition other = newest();
    CHECK(fixture.store.review(state_of(1, 8)).empty());
    // The one of before is back.
    fixture.store.record_rewind({"dcm-status", 7, 8, 5});
    CHECK(fixture.store.review(state_of(1, 8)) == Ranges{{6, 8}});
    CHECK(fixture.append(numbered(7, 8)).redelivered == 2);
    CHECK(fixture.append(numbered(1, 8)).redelivered == 8);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM broker_returned") == "2");
    CHECK(newest().sequence == 8);
    CHECK(newest() != other);
    CHECK(fixture.store.review(state_of(1, 8)).empty());
    CHECK(fixture.store.accounted({"dcm-status", "dcm-billing"}).at(0).sequence == 8);
    // And once more without its end: what it held last counts up to there.
    fixture.store.record_rewind({"dcm-status", 7, 7, 7});
    CHECK(fixture.store.review(state_of(1, 8)) == Ranges{{8, 8}});
    CHECK(newest().sequence == 7);
    CHECK(newest().stored_ns != other.stored_ns);
    CHECK(fixture.append(others).redelivered == 3);
    CHECK(newest() == other);
}

TEST_CASE("fault 70: a sequence used again is told with its position, and recorded", "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 3));
    const EventSpec reused{.id = "other", .time_s = 1'777'629'700, .stream_seq = 2};
    CHECK(fixture.append({reused}).accepted == 1);
    CHECK(fixture.append({reused}).redelivered == 1);
    CHECK(
        query_rows(fixture.url,
                   "SELECT seq, reason, broker_pos, body FROM v_audit "
                   "WHERE kind = 'source.divergence'") ==
        std::vector<std::string>{
            R"(4|sequence_reused|dcm-status|7|2|1777629700000000000|{"created":7,"recorded_seq":1,"sequence":2,"stored":1777629700000000000,"stream":"dcm-status"})"});
    // Records of the stream stand between the messages and do not shift them.
    fixture.append(numbered(4, 5));
    CHECK(fixture.append(numbered(1, 5)).redelivered == 5);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM v_audit") == "7");
}

TEST_CASE("what was found out goes with its transaction", "[store]") {
    Fixture fixture;
    fixture.append(numbered(1, 1));
    REQUIRE(test::run_sql(
                fixture.url,
                "CREATE TRIGGER refuse BEFORE INSERT ON audit_log WHEN NEW.kind = 'source.gap' "
                "BEGIN SELECT RAISE(ABORT, 'no'); END")
                .empty());
    const SourceState state = state_of(1, 2);
    CHECK(fixture.store.review(state) == Ranges{{2, 2}});
    const std::vector<SourceGap> gaps{{{2, 2}, GapCause::deleted}};
    CHECK_THROWS_AS(fixture.store.record_gaps(state, gaps), Failure);
    CHECK(fixture.store.take_warnings().empty());
    REQUIRE(test::run_sql(fixture.url, "DROP TRIGGER refuse").empty());
    CHECK(fixture.store.review(state) == Ranges{{2, 2}});
    fixture.store.record_gaps(state, gaps);
    CHECK(fixture.store.review(state).empty());
}

}  // namespace
}  // namespace dcm::store
