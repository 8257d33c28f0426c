// What must hold for every book and fleet, whatever the amounts are.
//
// Method: random cases as in arithmetic_test.cc. A failure prints its seed and its case.
#include "billing/price_model.h"
#include "billing/quantity.h"
#include "product_answer.h"
#include "reference_price.h"
#include "reference_random.h"
#include "rules/parse.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

namespace dcm::billing {
namespace {

using reference::Case;
using reference::Chance;
using reference::kPropertyCases;
using reference::Micros;

constexpr std::uint64_t kPieces = 20'000;

// A week more than a window has.
constexpr Micros kMostTime = 77 * reference::kDay;

// Amounts by the texts of their keys, added up over several reports.
struct Sum {
    std::map<std::vector<std::string>, std::vector<Decimal>> lines;
    Decimal unrated;
    Decimal total;

    void add(const Report& report) {
        for (const ReportLine& line : report.lines) {
            std::vector<Decimal>& amounts = lines[line.keys];
            amounts.resize(3);
            amounts[0] += line.usage_seconds;
            amounts[1] += line.billed_seconds;
            amounts[2] += line.cost;
        }
        unrated += report.unrated_seconds;
        total += report.total;
    }

    bool operator==(const Sum&) const = default;
};

Sum sum_of_parts(const Case& priced, const std::vector<Micros>& cuts) {
    Sum sum;
    Case part = priced;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        part.question.from = cuts[i];
        part.question.to = cuts[i + 1];
        sum.add(product_report(part));
    }
    return sum;
}

std::vector<Micros> days_between(const Case& priced) {
    std::vector<Micros> cuts{priced.question.from};
    for (reference::DayNumber day = priced.window.day_at(priced.question.from) + 1;
         priced.window.start_of(day) < priced.question.to;
         ++day) {
        cuts.push_back(priced.window.start_of(day));
    }
    cuts.push_back(priced.question.to);
    return cuts;
}

// One month of the window.
void ask_for_a_month(Case& priced) {
    const reference::DayNumber day = priced.window.day_at(priced.question.from);
    priced.question.from = priced.window.start_of_month(day);
    priced.question.to = priced.window.end_of_month(day);
}

TEST_CASE("the pieces of an interval sum to the whole however it is cut", "[properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (std::uint64_t i = 0; i < kPieces; ++i) {
        rules::Rate rate;
        rate.unit = static_cast<rules::Unit>(chance.below(5));
        rate.granularity = Duration{1 + chance.below(2 * reference::kHour)};
        rate.minimum = Duration{chance.below(2 * reference::kDay)};
        const Period month{Instant{0}, Instant{30 * reference::kDay + chance.below(2)}};
        // Begins up to 9 days before the month.
        const Micros start = chance.below(30 * reference::kDay) - 9 * reference::kDay;
        const Micros from = std::max<Micros>(0, start);
        const Micros to = from + 1 + chance.below(month.end.micros - from);
        const auto billed = [&](Micros first, Micros last) {
            return bill_piece(rate, {Instant{start}, {Instant{first}, Instant{last}}, month});
        };
        BilledPiece sum;
        const std::vector<Micros> cuts =
            random_cuts(chance, {.from = from, .to = to, .between_max = 5});
        for (std::size_t cut = 0; cut + 1 < cuts.size(); ++cut) {
            const BilledPiece piece = billed(cuts[cut], cuts[cut + 1]);
            sum.billed.micros += piece.billed.micros;
            sum.quantity += piece.quantity;
        }
        const BilledPiece whole = billed(from, to);
        if (sum.billed != whole.billed || sum.quantity != whole.quantity) {
            FAIL("piece " << i << " of [" << from << ", " << to
                          << ") of an interval that started at " << start);
        }
    }
}

TEST_CASE("a report is the sum of its days and of any other parts", "[properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    std::size_t lines = 0;
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        Case priced = reference::random_case(seed + i);
        if (i % 2 == 0) {
            ask_for_a_month(priced);
        }
        Sum whole;
        whole.add(product_report(priced));
        const std::vector<Micros> cuts = random_cuts(
            chance, {.from = priced.question.from, .to = priced.question.to, .between_max = 5});
        INFO("case " << i << '\n' << replay_text(priced));
        if (i % 8 == 0) {
            REQUIRE(sum_of_parts(priced, days_between(priced)) == whole);
        }
        REQUIRE(sum_of_parts(priced, cuts) == whole);
        // Days as lines, then days as reports.
        priced.question.group_by = {"day", "rate"};
        Sum by_day;
        by_day.add(product_report(priced));
        REQUIRE(by_day.total == whole.total);
        REQUIRE(sum_of_parts(priced, cuts) == by_day);
        lines += by_day.lines.size();
    }
    CHECK(lines > kPropertyCases);
}

// Not so with allowance, tiers or spend limits: they take whole lines in the order of their start.
TEST_CASE("where lines stand alone, as_of and rate versions cut like a report's bound",
          "[properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        Case priced = reference::random_case(seed + i);
        priced.question.group_by = {"instance", "meter", "state"};
        for (reference::Rate& rate : priced.rates) {
            rate.price = chance.amount(9);
            rate.tiers.reset();
            rate.free.reset();
            rate.minimum_spend.reset();
            rate.maximum_spend.reset();
        }
        const Micros cut = priced.window.start() + chance.below(kMostTime);
        INFO("case " << i << ", cut at " << reference::time_text(cut) << '\n'
                     << replay_text(priced));
        Sum whole;
        whole.add(product_report(priced));

        Case versions = priced;
        versions.rates.clear();
        for (const reference::Rate& rate : priced.rates) {
            const bool cuts = (!rate.valid_from || rate.valid_from->at < cut) &&
                              (!rate.valid_to || cut < rate.valid_to->at);
            versions.rates.push_back(rate);
            if (cuts) {
                versions.rates.back().valid_to = reference::Bound{reference::time_text(cut), cut};
                versions.rates.push_back(rate);
                versions.rates.back().id += "-later";
                versions.rates.back().valid_from =
                    versions.rates[versions.rates.size() - 2].valid_to;
            }
        }
        Sum by_versions;
        by_versions.add(product_report(versions));
        REQUIRE(by_versions == whole);

        Case earlier = priced;
        earlier.question.as_of = std::min(cut, priced.question.as_of);
        Sum until;
        until.add(product_report(earlier));
        Case shorter = priced;
        shorter.question.to = std::clamp(cut, priced.question.from, priced.question.to);
        Sum bounded;
        bounded.add(product_report(shorter));
        REQUIRE(until == bounded);
    }
}

TEST_CASE("graduated and package costs never fall as usage grows", "[properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        Case priced = reference::random_case(seed + i);
        reference::Rate rate;
        rate.id = "r";
        rate.meter = "usage";
        rate.unit = "hour";
        rate.tiers = reference::random_tiers(chance, chance.one_of({"graduated", "package"}));
        rate.free = chance.amount(9);
        rate.discount_percent = reference::Amount(chance.one_of({"0", "12.5", "100"}));
        if (chance.one_in(3)) {
            rate.maximum_spend = chance.amount(300);
        }
        priced.rates = {rate};
        priced.files.clear();
        INFO("case " << i << '\n' << book_text(priced));
        const std::vector<rules::BookFile> files{{"book.yaml", book_text(priced)}};
        const rules::ParsedBook parsed = rules::parse_book(files, {});
        REQUIRE(parsed.book.has_value());
        const PriceModel model(parsed.book->rates.front());
        // Around every step and far above the last one.
        std::vector<reference::Fraction> points{0, 1'000'000};
        const auto add_around = [&points](const reference::Fraction& at) {
            const reference::Fraction step = reference::fraction_of("0.000000000001");
            points.insert(points.end(), {at, at + step, at > step ? at - step : at});
        };
        for (const reference::Step& step : rate.tiers->steps) {
            add_around(rate.free->value() + (step.up_to ? step.up_to->value() : 0));
        }
        for (std::int64_t random = 0; random < 20; ++random) {
            add_around(chance.amount(200).value());
        }
        std::sort(points.begin(), points.end());
        Decimal before;
        for (const reference::Fraction& point : points) {
            INFO("quantity " << reference::plain(point));
            const Decimal cost =
                model.cost_until(value_or_throw(Decimal::parse(reference::plain(point))));
            REQUIRE(before <= cost);
            REQUIRE(cost.to_string() == reference::plain(reference::cost_until(rate, point)));
            before = cost;
        }
    }
}

// In a file the first entry that matches an instance wins, so entries of one instance stay in
// order.
void shuffle_instances(Chance& chance, std::vector<reference::Resource>& file) {
    const std::uint64_t salt = chance.next();
    const auto place = [salt](const reference::Resource& entry) {
        return Chance(salt + std::hash<std::string>()(entry.service_type + '/' + entry.instance))
            .next();
    };
    std::stable_sort(file.begin(), file.end(), [&place](const auto& left, const auto& right) {
        return place(left) < place(right);
    });
}

template <typename Element>
void shuffle(Chance& chance, std::vector<Element>& elements) {
    for (std::size_t left = elements.size(); left > 1; --left) {
        std::swap(
            elements[left - 1],
            elements[static_cast<std::size_t>(chance.below(static_cast<std::int64_t>(left)))]);
    }
}

TEST_CASE("the same inputs in another order give the same bytes", "[properties]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (std::uint64_t i = 0; i < kPropertyCases; ++i) {
        Case priced = reference::random_case(seed + i);
        // Rates of different meters never overlap.
        for (reference::Rate& rate : priced.rates) {
            rate.meter = rate.id + "-meter";
        }
        Case other = priced;
        shuffle(chance, other.events);
        shuffle(chance, other.rates);
        for (std::vector<reference::Resource>& file : other.files) {
            shuffle_instances(chance, file);
        }
        INFO("case " << i << '\n' << replay_text(priced) << "\nagainst\n" << replay_text(other));
        REQUIRE(product_json(other) == product_json(priced));
    }
}

}  // namespace
}  // namespace dcm::billing
