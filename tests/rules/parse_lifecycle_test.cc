#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

Lifecycle lifecycle_of(const std::string& members) {
    return book_of(with_head("lifecycle: {" + members + "}\n")).lifecycle;
}

const Policy kNone{PolicyKind::none, ""};
const Policy kHold{PolicyKind::hold, ""};
const Policy kEnd{PolicyKind::end, ""};

Policy charge(std::string state) {
    return {PolicyKind::charge, std::move(state)};
}

}  // namespace

TEST_CASE("a book states differences from the standard lifecycle only", "[rules]") {
    const Lifecycle lifecycle = lifecycle_of(
        "vm: {aliases: {HALTED: STOPPED}, SUSPENDED: {charge: PAUSED}, "
        "providers: {azure-west: {STOPPED: {charge: RUNNING}}}}");
    Lifecycle expected = standard_lifecycle();
    auto& service = expected.services["vm"];
    service.aliases["HALTED"] = "STOPPED";
    service.policies["SUSPENDED"] = charge("PAUSED");
    service.providers["azure-west"]["STOPPED"] = charge("RUNNING");
    CHECK(lifecycle == expected);
}

TEST_CASE("each policy has its word", "[rules]") {
    const Lifecycle lifecycle =
        lifecycle_of("gpu: {A: {charge: BUSY}, B: hold, C: none, D: end, E: \"hold\"}");
    CHECK(lifecycle.policy_of("gpu", "p", "A") == charge("BUSY"));
    CHECK(lifecycle.policy_of("gpu", "p", "B") == kHold);
    CHECK(lifecycle.policy_of("gpu", "p", "C") == kNone);
    CHECK(lifecycle.policy_of("gpu", "p", "D") == kEnd);
    CHECK(lifecycle.policy_of("gpu", "p", "E") == kHold);
}

TEST_CASE("an entry for a word replaces its alias", "[rules]") {
    const Lifecycle standard = lifecycle_of("vm: {FAILED: {charge: FAILED}}");
    CHECK(standard.status_of("vm", "FAILED") == "FAILED");
    CHECK(standard.policy_of("vm", "p", "FAILED") == charge("FAILED"));
    const Lifecycle own = lifecycle_of("vm: {aliases: {HALTED: STOPPED}, HALTED: none}");
    CHECK(own.status_of("vm", "HALTED") == "HALTED");
    CHECK(own.policy_of("vm", "p", "HALTED") == kNone);
}

TEST_CASE("a new alias for a standard status replaces the status", "[rules]") {
    const Lifecycle lifecycle = lifecycle_of("vm: {aliases: {PAUSED: STOPPED}}");
    CHECK(lifecycle.status_of("vm", "PAUSED") == "STOPPED");
}

TEST_CASE("an alias of an alias is one of the status behind it", "[rules]") {
    const Lifecycle lifecycle = lifecycle_of("vm: {aliases: {A: B, B: FAILED, ERROR: STOPPED}}");
    for (const std::string word : {"A", "B", "FAILED", "ERROR"}) {
        CHECK(lifecycle.status_of("vm", word) == "STOPPED");
    }
}

TEST_CASE("a provider can mean something else by what is an alias elsewhere", "[rules]") {
    const Lifecycle lifecycle =
        lifecycle_of("vm: {providers: {one: {FAILED: {charge: RUNNING}}, two: {ERROR: hold}}}");
    CHECK(lifecycle.status_of("vm", "FAILED") == "FAILED");
    CHECK(lifecycle.policy_of("vm", "one", "FAILED") == charge("RUNNING"));
    CHECK(lifecycle.policy_of("vm", "one", "ERROR") == kNone);
    CHECK(lifecycle.policy_of("vm", "two", "FAILED") == kHold);
    CHECK(lifecycle.policy_of("vm", "other", "FAILED") == kNone);
}

TEST_CASE("what is wrong with a lifecycle is told with its place", "[rules]") {
    const auto vm = [](const std::string& members) {
        return with_head("lifecycle: {vm: {" + members + "}}\n");
    };
    check_problems(vm("NEW: holds"),
                   {{4, 23, "{charge: STATE}, hold, none or end, got \"holds\""}});
    check_problems(vm("NEW: charge"), {{4, 23, "{charge: STATE}"}});
    check_problems(vm("NEW: null"), {{4, 18, "got nothing"}});
    check_problems(vm("NEW: [hold]"), {{4, 23, "got a list"}});
    check_problems(vm("NEW: {charge: }"), {{4, 24, "a state, got nothing"}});
    check_problems(vm("NEW: {}"), {{4, 23, "key \"charge\""}});
    check_problems(vm("NEW: {charge: A, hold: B}"), {{4, 35, "unknown key \"hold\""}});
    check_problems(vm("aliase: {A: STOPPED}"), {{4, 18, "did you mean \"aliases\"?"}});
    check_problems(vm("Running: hold"), {{4, 18, "got \"Running\"; did you mean \"RUNNING\"?"}});
    check_problems(vm("\" A\": hold"), {{4, 18, "a status in upper case"}});
    check_problems(vm("aliases: [A]"), {{4, 27, "a map of aliases"}});
    check_problems(vm("aliases: {a: STOPPED}"), {{4, 28, "a word in upper case"}});
    check_problems(vm("aliases: {A: []}"), {{4, 31, "the status it is an alias of, got a list"}});
    check_problems(vm("aliases: {A: STOPED}"),
                   {{4, 31, "got \"STOPED\"; did you mean \"STOPPED\"?"}});
    check_problems(vm("aliases: {A: A}"), {{4, 31, "an alias of one in a few steps"}});
    check_problems(vm("aliases: {A: B, B: A}"), {{4, 31, "a status"}, {4, 37, "a status"}});
    check_problems(vm("providers: []"), {{4, 29, "a map of providers"}});
    check_problems(vm("providers: {p: []}"), {{4, 33, "a map of statuses"}});
    check_problems(vm("providers: {p: {STOPED: hold}}"), {{4, 34, "did you mean \"STOPPED\"?"}});
    check_problems(vm("providers: {p: {STOPPED: pause}}"), {{4, 43, "{charge: STATE}"}});
    check_problems(with_head("lifecycle: {VM: {A: hold}}\n"), {{4, 13, "a service type"}});
    check_problems(with_head("lifecycle: {vm: hold}\n"), {{4, 17, "a map of statuses"}});
    check_problems(with_head("lifecycle: {" + std::string(64, 'a') + ": {}}\n"),
                   {{4, 13, "a service type"}});
}

TEST_CASE("a chain of aliases has at most nine words", "[rules]") {
    const std::string chain = "B: C, C: D, D: E, E: F, F: G, G: H, H: I, I: STOPPED";
    CHECK(lifecycle_of("vm: {aliases: {A: B, " + chain + "}}").status_of("vm", "A") == "STOPPED");
    check_problems(with_head("lifecycle: {vm: {aliases: {Z: A, A: B, " + chain + "}}}\n"),
                   {{4, 31, "an alias of one in a few steps, got \"A\""}});
}

TEST_CASE("thousands of unknown words are told without comparing each with thousands", "[rules]") {
    std::string aliases;
    for (int i = 0; i < 5'000; ++i) {
        aliases += 'A' + std::to_string(i) + ": XXXXXX, ";
    }
    const ParsedBook parsed =
        parse_text(with_head("lifecycle: {vm: {aliases: {" + aliases + "}}}\n"));
    CHECK(parsed.problems.size() == 1'001);
    CHECK_THAT(parsed.problems.back().message, Catch::Contains("4000 more problems"));
}

TEST_CASE("a service type has up to 63 characters", "[rules]") {
    const std::string type(63, 'a');
    CHECK(lifecycle_of(type + ": {A: hold}").services.contains(type));
}

}  // namespace dcm::rules
