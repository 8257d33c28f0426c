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

TEST_CASE("of many entries that no rate uses the first ones are told, and how many more",
          "[rules]") {
    const auto entries = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) {
            // Not in the order of the instances.
            text += "vm,m" + std::to_string(100 - i) + ",acme,,,\n";
        }
        return text;
    };
    const std::string one = "expected an entry that some rate uses, got one for \"m";
    std::vector<Expected> expected;
    for (int i = 0; i < 6; ++i) {
        expected.push_back({i + 2, 1, one + std::to_string(100 - i)});
    }
    check_entries(", match: {service_type: container}", entries(6), expected);
    expected.back().message = "got this one and 1 more that no rate matches while they hold";
    check_entries(", match: {service_type: container}", entries(7), expected);
    expected.back().message = "got this one and 34 more that no rate matches while they hold";
    check_entries(", match: {service_type: container}", entries(40), expected);
    // Those that others hide are of another kind.
    expected.push_back({42, 1, "\"m100\" of \"vm\": earlier entries of this file"});
    check_entries(", match: {service_type: container}", entries(40) + "vm,m100,b,,,\n", expected);
}

}  // namespace dcm::rules
