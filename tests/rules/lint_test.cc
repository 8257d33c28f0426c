#include "rules/lint.h"

#include "rules/charged_states.h"
#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

const std::string kAllTypes = "service_type: [vm, container, cluster, storage, network, database]";

std::string priced(const std::string& match) {
    return "rates: [{id: r, match: {" + match + "}, price: \"1\", unit: hour}]\n";
}

}  // namespace

TEST_CASE("each state a lifecycle charges is wanted once, with the providers that alone do",
          "[rules]") {
    const RuleBook book =
        book_of(with_head("lifecycle:\n"
                          "  gpu:\n"
                          "    READY: {charge: READY}\n"
                          "    WARM: {charge: READY}\n"
                          "    GONE: end\n"
                          "    providers:\n"
                          "      a: {GONE: {charge: KEPT}}\n"
                          "      b: {GONE: {charge: KEPT}, WARM: {charge: READY}}\n"));
    std::vector<std::string> texts;
    for (const ChargedState& state : charged_states(book.lifecycle)) {
        if (state.service_type == "gpu") {
            texts.push_back(state.state);
            CHECK(state.providers == (state.state == "KEPT" ? std::vector<std::string>{"a", "b"}
                                                            : std::vector<std::string>{}));
        }
    }
    CHECK(texts == std::vector<std::string>{"KEPT", "READY"});
}

TEST_CASE("a charged state without a rate is warned of", "[rules]") {
    SECTION("every state of the standard lifecycle has one") {
        check_warnings(lint_states, priced(kAllTypes), {});
        check_warnings(lint_states, priced("tenant: nobody"), {});
    }
    SECTION("the standard ones are told where the rates begin") {
        check_warnings(lint_states,
                       priced("service_type: [container, cluster, storage, network, database]"),
                       {{4, 8, "the state \"PAUSED\" of \"vm\""},
                        {4, 8, "the state \"RUNNING\" of \"vm\""},
                        {4, 8, "the state \"STOPPED\" of \"vm\""}});
    }
    SECTION("the book's own where the lifecycle charges them") {
        check_warnings(lint_states,
                       "lifecycle:\n"
                       "  gpu:\n"
                       "    READY: {charge: READY}\n"
                       "    IDLE: {charge: IDLE}\n" +
                           priced("state: [IDLE, RUNNING, ACTIVE, STOPPED, PAUSED]"),
                       {{6, 21, "the state \"READY\" of \"gpu\", which the lifecycle charges"}});
    }
    SECTION("what one provider charges is not priced by a rate for another one") {
        const std::string lifecycle =
            "lifecycle:\n"
            "  vm:\n"
            "    providers:\n"
            "      west: {FAILED: {charge: BROKEN}}\n";
        check_warnings(lint_states, lifecycle + priced("provider: \"*est\""), {});
        check_warnings(lint_states,
                       lifecycle +
                           "rates:\n"
                           "  - {id: a, match: {state: BROKEN, provider: east}, "
                           "price: \"1\", unit: hour}\n"
                           "  - {id: b, match: {state: [RUNNING, STOPPED, PAUSED, "
                           "ACTIVE]}, price: \"1\", unit: hour}\n",
                       {{7, 31, "the state \"BROKEN\" of \"vm\""}});
    }
    SECTION("a book without rates is told at its beginning") {
        const std::vector<Problem> all = lint_with(lint_states, "issuer: x\n");
        REQUIRE(all.size() == 8);
        CHECK(all.front().line == 1);
        CHECK(all.front().column == 1);
    }
}

TEST_CASE("one pass finds all that is worth a warning", "[rules]") {
    const std::string rest =
        "resources: [{file: owners.csv}]\n"
        "rates:\n"
        "  - {id: r-1, valid_to: 2026-01, price: \"1\", unit: hour}\n"
        "  - {id: r-2, valid_from: 2026-02, price: \"0.000277777778\", unit: second}\n"
        "  - {id: never, match: {state: RUNING}, price: \"1\", unit: hour}\n";
    check_warnings(lint_book,
                   rest,
                   {{7, 27, "without a gap"},
                    {7, 43, "exact in its unit"},
                    {8, 24, "did you mean \"RUNNING\"?"},
                    {3, 1, "earlier entries of this file always hold"}},
                   "service_type,instance,tenant\nvm,a,acme\nvm,a,acme\n");
}

}  // namespace dcm::rules
