#include "store/export_state.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using test::Fixture;
using test::query_rows;

ExportedPeriod may(const std::string& manifest) {
    return {"finance", "2026-05", "open", manifest, 3, 1'000, 0};
}

TEST_CASE("the latest run of an export is kept", "[export]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    Database database = Database::open_for_writing(fixture.url);
    CHECK_FALSE(read_export_run(database, "finance").has_value());
    ExportRun run;
    run.name = "finance";
    run.started = Instant{10};
    run.ended = Instant{20};
    run.has_failed = true;
    run.detail = "the disk is full";
    run.failures = 2;
    run.retry_at = Instant{30};
    write_export_run(database, run);
    const auto failed = read_export_run(database, "finance");
    REQUIRE(failed.has_value());
    CHECK(failed->has_failed);
    CHECK(failed->detail == "the disk is full");
    CHECK(failed->failures == 2);
    CHECK(failed->retry_at == Instant{30});
    CHECK_FALSE(failed->answered.has_value());
    run = {"finance", Instant{5}, Instant{40}, Instant{50}, false, "", 0, std::nullopt};
    write_export_run(database, run);
    const auto done = read_export_run(database, "finance");
    REQUIRE(done.has_value());
    CHECK_FALSE(done->has_failed);
    CHECK(done->answered == Instant{5});
    CHECK(done->ended == Instant{50});
    CHECK_FALSE(done->retry_at.has_value());
    CHECK_FALSE(read_export_run(database, "other").has_value());
}

TEST_CASE("an export is recorded once for each manifest", "[export]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    Database database = Database::open_for_writing(fixture.url);
    CHECK(record_export(database, fixture.clock, "user:anna", may("aa"), R"({"rows":3})"));
    CHECK_FALSE(record_export(database, fixture.clock, "user:anna", may("aa"), R"({"rows":3})"));
    CHECK(record_export(database, fixture.clock, "user:anna", may("bb"), R"({"rows":4})"));
    CHECK(query_rows(fixture.url,
                     "SELECT kind || ' ' || actor || ' ' || subject || ' ' || outcome || ' ' || body "
                     "FROM v_audit WHERE kind = 'export.made' ORDER BY seq") ==
          std::vector<std::string>{R"(export.made user:anna finance/2026-05 done {"rows":3})",
                                   R"(export.made user:anna finance/2026-05 done {"rows":4})"});
    const std::vector<ExportedPeriod> periods = read_exported_periods(database, "finance");
    REQUIRE(periods.size() == 1);
    CHECK(periods[0].manifest_sha256 == "bb");
    CHECK(periods[0].rows == 3);
    CHECK(periods[0].bytes == 1'000);
    CHECK(periods[0].record > 0);
}

TEST_CASE("a period that was removed is forgotten", "[export]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    Database database = Database::open_for_writing(fixture.url);
    CHECK(record_export(database, fixture.clock, "user:anna", may("aa"), "{}"));
    forget_exported_period(database, may("aa"));
    CHECK(read_exported_periods(database, "finance").empty());
}

}  // namespace
}  // namespace dcm::store
