#include "cli/filters.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

const Instant kNow = parse_rfc3339("2026-06-15T12:00:00Z").value();

Bounds resolve(const FilterOptions& options) {
    return resolve_bounds(options, value_or_throw(Zone::find("Europe/Berlin")), kNow);
}

TEST_CASE("dates and months begin in the book's zone, --to is exclusive", "[filters]") {
    FilterOptions options;
    options.from = "2026-05";
    options.to = "2026-05-10";
    const Bounds bounds = resolve(options);
    CHECK(format_rfc3339(*bounds.from) == "2026-04-30T22:00:00Z");
    CHECK(format_rfc3339(*bounds.to) == "2026-05-09T22:00:00Z");
    CHECK(bounds.as_of == kNow);
}

TEST_CASE("a period is its month from first to first", "[filters]") {
    FilterOptions options;
    options.period = "2026-03";
    const Bounds bounds = resolve(options);
    CHECK(format_rfc3339(*bounds.from) == "2026-02-28T23:00:00Z");
    CHECK(format_rfc3339(*bounds.to) == "2026-03-31T22:00:00Z");
}

TEST_CASE("absent bounds stay open", "[filters]") {
    const Bounds bounds = resolve({});
    CHECK_FALSE(bounds.from.has_value());
    CHECK_FALSE(bounds.to.has_value());
}

TEST_CASE("RFC 3339 is taken as it is", "[filters]") {
    FilterOptions options;
    options.as_of = "2026-05-01T10:00:00+02:00";
    CHECK(format_rfc3339(resolve(options).as_of) == "2026-05-01T08:00:00Z");
}

TEST_CASE("what is no time, and bounds the wrong way round, are usage errors", "[filters]") {
    FilterOptions nonsense;
    nonsense.from = "yesterday";
    CHECK_THROWS_WITH(resolve(nonsense), Catch::Contains("--from") && Catch::Contains("yesterday"));
    FilterOptions bad_period;
    bad_period.period = "2026-13";
    CHECK_THROWS_WITH(resolve(bad_period), Catch::Contains("--period"));
    FilterOptions reversed;
    reversed.from = "2026-05-02";
    reversed.to = "2026-05-01";
    CHECK_THROWS_AS(resolve(reversed), Failure);
}

}  // namespace
}  // namespace dcm::cli
