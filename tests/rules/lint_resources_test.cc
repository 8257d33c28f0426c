#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

constexpr std::string_view kHeader = "service_type,instance,tenant,label:f,valid_from,valid_to\n";

void check_entries(const std::string& rate,
                   std::string_view entries,
                   const std::vector<Expected>& expected) {
    check_warnings(
        lint_resources,
        "resources: [{file: owners.csv}]\nrates: [{id: r, price: \"1\", unit: hour" + rate + "}]\n",
        expected,
        std::string(kHeader) + std::string(entries));
}

}  // namespace

TEST_CASE("an entry that no rate uses is warned of", "[rules]") {
    const std::string unused = "\"a\" of \"vm\", which no rate matches while it holds";
    check_entries("", "vm,a,acme,,,\n", {});
    check_entries(
        ", match: {tenant: acme, labels: {f: \"m*\"}}",
        "vm,a,acme,m1,,\nvm,b,acme,,,\nvm,c,umbrella,m1,,\nvm,d,,m1,,\n",
        {{3, 1, "\"b\" of \"vm\""}, {4, 1, "\"c\" of \"vm\""}, {5, 1, "\"d\" of \"vm\""}});
    check_entries(", match: {service_type: storage}", "vm,a,acme,,,\n", {{2, 1, unused}});
    check_entries(", match: {instance: b}", "vm,a,acme,,,\nvm,b,acme,,,\n", {{2, 1, unused}});
    // A state in which a vm is never charged.
    check_entries(", match: {state: ACTIVE}", "vm,a,acme,,,\n", {{2, 1, unused}});
}

TEST_CASE("an entry counts while it holds", "[rules]") {
    check_entries(", valid_from: 2026-07-01",
                  "vm,a,acme,,,2026-07-01\nvm,a,umbrella,,2026-07-01,\n",
                  {{2, 1, "which no rate matches while it holds"}});
    check_entries(", valid_to: 2026-07-01",
                  "vm,a,acme,,,2026-07-01\nvm,a,umbrella,,2026-07-01,\n",
                  {{3, 1, "which no rate matches while it holds"}});
}

TEST_CASE("an entry that earlier ones of its file hide is warned of", "[rules]") {
    const std::string hidden = "\"a\" of \"vm\": earlier entries of this file always hold instead";
    check_entries("", "vm,a,acme,,,\nvm,a,umbrella,,,\n", {{3, 1, hidden}});
    check_entries(
        "", "vm,a,acme,,,2026-07-01\nvm,a,b,,2026-06-01,\nvm,a,c,,2026-05-01,\n", {{4, 1, hidden}});
    check_entries("", "vm,a,acme,,,2026-07-01\nvm,a,b,,,\n", {});
}

}  // namespace dcm::rules
