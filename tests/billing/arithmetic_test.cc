// The product's arithmetic against a second implementation of the binding texts.
//
// Method: random books, resource files, fleets and questions; both sides answer, the product by
// parsing the files, deriving intervals, rating and reporting, the reference (reference_*.cc) by
// exact fractions from the plain values, with glob matching, ownership and a calendar of its own.
// A case that fails is made smaller and printed as files and commands.
//
// Goal: every amount is equal to the last digit.
#include "product_answer.h"
#include "reference_random.h"
#include "shrink.h"

#include <catch2/catch.hpp>

#include <ostream>

namespace dcm::reference {
namespace {

constexpr std::uint64_t kCases = 10'000;

bool differs(const Case& priced) {
    return billing::answer_of(billing::product_report(priced)) != answer(priced);
}

// Not said by the amounts: what the random cases reach.
struct Reached {
    std::size_t lines = 0;
    std::size_t unrated = 0;
    std::size_t negative = 0;
    std::size_t empty = 0;

    void add(const Answer& answer) {
        lines += answer.lines.size();
        unrated += answer.unrated_seconds != "0" ? 1U : 0U;
        negative += answer.total.starts_with('-') ? 1U : 0U;
        empty += answer.lines.empty() ? 1U : 0U;
    }
};

std::string text_of(const Answer& answer) {
    std::string text;
    for (const std::vector<std::string>& line : answer.lines) {
        for (const std::string& cell : line) {
            text += cell + ' ';
        }
        text += '\n';
    }
    return text + "unrated " + answer.unrated_seconds + ", total " + answer.total + ", rounded " +
           answer.total_rounded + '\n';
}

TEST_CASE("every amount equals that of exact fractions", "[arithmetic]") {
    const std::uint64_t seed = seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Reached reached;
    for (std::uint64_t i = 0; i < kCases; ++i) {
        const Case priced = random_case(seed + i);
        const Answer wanted = answer(priced);
        reached.add(wanted);
        if (billing::answer_of(billing::product_report(priced)) != wanted) {
            const Case small = shrunk(priced, differs);
            INFO("case " << i << ", made smaller:\n" << replay_text(small));
            REQUIRE(text_of(billing::answer_of(billing::product_report(small))) ==
                    text_of(answer(small)));
        }
    }
    CHECK(reached.lines > kCases);
    CHECK(reached.unrated > kCases / 4);
    CHECK(reached.negative > kCases / 100);
    CHECK(reached.empty < kCases / 2);
}

TEST_CASE("a failing case is made smaller", "[arithmetic]") {
    Case priced = random_case(1);
    priced.rates = random_case(7).rates;
    const auto fails = [](const Case& each) {
        return !each.events.empty() && each.events.back().service_type == "vm";
    };
    priced.events = {{"vm", "a", "p", "RUNNING", 1}, {"vm", "b", "p", "RUNNING", 2}};
    const Case small = shrunk(priced, fails);
    CHECK(small.events.size() == 1);
    CHECK(small.rates.empty());
    CHECK(small.files.empty());
}

}  // namespace
}  // namespace dcm::reference
