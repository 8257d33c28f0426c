#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

constexpr std::string_view kOwners =
    "service_type,instance,tenant,label:flavor,label:zone\n"
    "vm,a,acme,m1.small,\n"
    "vm,b,umbrella,m1.large,\n";

void check_match(const std::string& match,
                 const std::vector<Expected>& expected,
                 std::string_view owners = kOwners) {
    const std::string resources = owners.empty() ? "" : "resources: [{file: owners.csv}]\n";
    check_warnings(lint_ownership,
                   resources + "rates: [{id: r, price: \"1\", unit: hour, match: " + match + "}]\n",
                   expected,
                   owners);
}

}  // namespace

TEST_CASE("a tenant that no entry has is warned of, with the nearest that one has", "[rules]") {
    check_match("{tenant: acme}", {});
    check_match("{tenant: [umbrella, unassigned, \"*\", \"um*\"]}", {});
    check_match("{tenant: umbrela}",
                {{5,
                  57,
                  "expected a tenant that an entry of the resource files has, got "
                  "\"umbrela\"; did you mean \"umbrella\"?"}});
    check_match("{tenant: [acme, \"x*\", Umbrella]}",
                {{5, 64, "got \"x*\"; known: acme, umbrella, unassigned"},
                 {5, 70, "got \"Umbrella\"; did you mean \"umbrella\"?"}});
}

TEST_CASE("a label and a value that no entry has are warned of", "[rules]") {
    check_match("{labels: {flavor: m1.small}}", {});
    check_match("{labels: {flavor: [\"m1.*\", m1.large]}}", {});
    check_match("{labels: {flavour: m1.small}}",
                {{5,
                  58,
                  "expected a label that an entry of the resource files has, got "
                  "\"flavour\"; did you mean \"flavor\"?"}});
    check_match("{labels: {flavor: m1.smal}}",
                {{5,
                  66,
                  "expected a value that the label \"flavor\" has in the resource files, "
                  "got \"m1.smal\"; did you mean \"m1.small\"?"}});
    check_match("{labels: {flavor: [m1.small, \"m2.*\"]}}",
                {{5, 77, "got \"m2.*\"; known: m1.large, m1.small"}});
    // A column that every entry leaves empty.
    check_match("{labels: {zone: a}}", {{5, 58, "got \"zone\"; known: flavor"}});
}

TEST_CASE("without resource files no instance has a tenant or a label", "[rules]") {
    const std::string none = "expected a resource file that says who owns an instance, got none: ";
    check_match("{tenant: [unassigned, \"un*\", \"*\"]}", {}, "");
    check_match("{tenant: acme}", {{4, 57, none + "no instance has the tenant \"acme\""}}, "");
    check_match(
        "{labels: {flavor: \"*\"}}", {{4, 58, none + "no instance has the label \"flavor\""}}, "");
}

TEST_CASE("a book with very many words to compare is told that it is too large", "[rules]") {
    std::string owners = "service_type,instance,tenant\n";
    for (std::size_t i = 0; i < 20'000; ++i) {
        owners += "vm,m" + std::to_string(i) + ",t" + std::to_string(i) + '\n';
    }
    const auto book = [](std::size_t rates) {
        std::string text = "resources: [{file: owners.csv}]\nrates:\n";
        for (std::size_t i = 0; i < rates; ++i) {
            text += "  - {id: r" + std::to_string(i) +
                    ", match: {tenant: \"*t19999\"}, price: \"1\", unit: hour}\n";
        }
        return text;
    };
    // 20,000 tenants and `unassigned`: 99 globs are within the limit, the hundredth passes it.
    check_warnings(lint_ownership, book(99), {}, owners);
    check_warnings(lint_ownership,
                   book(101),
                   {{105, 5, "expected at most 2000000 comparisons with resource files"}},
                   owners);
}

}  // namespace dcm::rules
