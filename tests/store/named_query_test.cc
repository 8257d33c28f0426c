#include "store/named_query.h"

#include "store/audit_query.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace dcm::store {
namespace {

TEST_CASE("a query's file says what it answers and what it wants", "[named_query]") {
    const NamedQuery query = read_named_query("x",
                                              "-- One thing\n-- and more.\n-- param a: first\n"
                                              "-- param b = 5: second: with a colon\nSELECT 1;\n");
    CHECK(query.name == "x");
    CHECK(query.text == "One thing and more.");
    REQUIRE(query.parameters.size() == 2);
    CHECK(query.parameters[0].name == "a");
    CHECK_FALSE(query.parameters[0].usual.has_value());
    CHECK(query.parameters[0].text == "first");
    CHECK(query.parameters[1].name == "b");
    CHECK(query.parameters[1].usual == "5");
    CHECK(query.parameters[1].text == "second: with a colon");
}

TEST_CASE("every query that comes with the program runs, with the parameters it names",
          "[named_query]") {
    test::Fixture fixture;
    fixture.append({{.id = "1"}});
    const std::vector<NamedQuery> queries = named_queries();
    CHECK(queries.size() >= 9);
    CHECK(std::is_sorted(queries.begin(), queries.end(), [](const auto& left, const auto& right) {
        return left.name < right.name;
    }));
    for (const NamedQuery& query : queries) {
        CAPTURE(query.name);
        CHECK_FALSE(query.text.empty());
        AuditQuery::Parameters parameters;
        for (const NamedQuery::Parameter& parameter : query.parameters) {
            CHECK_FALSE(parameter.text.empty());
            parameters[parameter.name] = parameter.usual.value_or("x");
        }
        AuditQuery asked(fixture.url);
        asked.prepare(query.sql, parameters, {});
        CHECK(asked.run([](auto&&) {}) == QueryEnd::complete);
    }
}

}  // namespace
}  // namespace dcm::store
