#include "billing/rating.h"
#include "case_book.h"
#include "reference_rating.h"

#include <catch2/catch.hpp>

#include <random>

namespace dcm::billing {
namespace {

// Books and fleets with many coincidences: few instants, few states, small limits.
class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    rules::RuleBook book() {
        rules::RuleBook book;
        book.currency = "EUR";
        book.zone = value_or_throw(Zone::find(
            one_of({"Etc/UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"})));
        const std::size_t count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) {
            book.rates.push_back(rate("r" + std::to_string(i)));
        }
        std::vector<rules::Resource> resources;
        for (const std::string instance : {"a", "b"}) {
            if (chance(2)) {
                resources.push_back({"vm", instance, "acme", {}, maybe_instant(), maybe_instant()});
            }
        }
        book.resources.add_file(std::move(resources));
        return book;
    }

    ReferenceInput input() {
        ReferenceInput input;
        for (const std::string name : {"a", "b", "c"}) {
            std::vector<Interval> intervals;
            Instant from = instant();
            const std::size_t count = below(4);
            for (std::size_t i = 0; i < count; ++i) {
                Interval interval{.provider = "p",
                                  .state = one_of({"RUNNING", "STOPPED"}),
                                  .start = from,
                                  .end = from + length(),
                                  .opened_by = 1,
                                  .closed_by = 2};
                from = *interval.end + (chance(2) ? length() : Duration{0});
                if (i + 1 == count && chance(2)) {
                    interval.end.reset();
                    interval.closed_by.reset();
                }
                intervals.push_back(interval);
            }
            input.instances.emplace_back(InstanceKey{"vm", name}, intervals);
        }
        input.shown = {instant(), instant()};
        if (input.shown.end < input.shown.start) {
            std::swap(input.shown.start, input.shown.end);
        }
        input.as_of = chance(3) ? instant() : at("2026-06-03");
        return input;
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool chance(std::uint64_t in) { return below(in) == 0; }
    std::string one_of(const std::vector<std::string>& words) { return words[below(words.size())]; }
    std::int64_t number(std::uint64_t limit) { return static_cast<std::int64_t>(below(limit)); }

    // Around the ends of March, a month whose days differ, to the beginning of June.
    Instant instant() {
        const std::int64_t hours = number(std::uint64_t{24} * 68);
        return at("2026-03-27") + Duration{hours * 3'600 * kMicrosPerSecond + jitter()};
    }
    std::optional<Instant> maybe_instant() {
        return chance(2) ? std::optional(instant()) : std::nullopt;
    }
    std::int64_t jitter() { return chance(3) ? number(3 * kMicrosPerSecond) : 0; }
    Duration length() {
        const std::int64_t unit = chance(2) ? 1'000'003 : 3'600 * kMicrosPerSecond;
        return Duration{1 + number(200) * unit + jitter()};
    }
    // Up to 12 decimals.
    Decimal amount(std::uint64_t limit) {
        const unsigned scale = chance(2) ? static_cast<unsigned>(below(13)) : 0;
        Decimal fraction{BigInt(number(1'000'000)), scale};
        return chance(2) ? Decimal(number(limit)) : Decimal(number(limit)) + fraction;
    }
    Decimal positive(std::uint64_t limit) { return amount(limit) + decimal("0.000000000001"); }

    rules::Tiers tiers() {
        rules::Tiers tiers;
        tiers.mode = chance(3) ? rules::TierMode::package
                               : (chance(2) ? rules::TierMode::volume : rules::TierMode::graduated);
        tiers.package_size = positive(20);
        tiers.package_price = amount(9);
        Decimal up_to;
        for (std::uint64_t left = below(3); left > 0; --left) {
            up_to += positive(50);
            tiers.steps.push_back({up_to, amount(5), chance(2) ? amount(9) : Decimal()});
        }
        tiers.steps.push_back({std::nullopt, amount(5), chance(2) ? amount(9) : Decimal()});
        return tiers;
    }

    rules::Rate rate(std::string id) {
        rules::Rate rate;
        rate.id = std::move(id);
        rate.meter = one_of({"compute", "compute", "storage"});
        if (chance(2)) {
            rate.match.state = {one_of({"RUNNING", "STOPPED"})};
        }
        if (chance(3)) {
            rate.match.tenant = {one_of({"acme", "unassigned"})};
        }
        rate.valid_from = chance(3) ? maybe_instant() : std::nullopt;
        rate.valid_to = chance(3) ? maybe_instant() : std::nullopt;
        if (chance(2)) {
            rate.price = amount(9);
        } else {
            rate.tiers = tiers();
        }
        rate.unit = static_cast<rules::Unit>(below(5));
        if (chance(2)) {
            rate.granularity = Duration{1 + number(4'000 * kMicrosPerSecond)};
            rate.minimum = Duration{number(90'000 * kMicrosPerSecond)};
        }
        rate.free = chance(3) ? amount(40) : Decimal();
        rate.discount = chance(3) ? Decimal(BigInt(number(1'000)), 3) : Decimal();
        rate.minimum_spend = chance(4) ? std::optional(amount(300)) : std::nullopt;
        rate.maximum_spend = chance(4) ? std::optional(amount(500)) : std::nullopt;
        return rate;
    }

    std::mt19937_64 random_;
};

ReferenceBill product_bill(const rules::RuleBook& book, const ReferenceInput& input, bool by_day) {
    ReferenceBill bill;
    Rater rater(
        book,
        {input.shown, input.as_of, by_day},
        {[&](const RatedLine& line) {
             bill.costs[{std::string(line.instance), std::string(line.tenant), line.rate}] +=
                 rational_of(line.cost());
         },
         [&](const UnratedPiece& piece) {
             bill.unrated_micros += (piece.during.end - piece.during.start).micros;
         }});
    for (const auto& [key, intervals] : input.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
    return bill;
}

// Method: random books and fleets, priced by the product and by fractions straight from the
// formulas. Goal: every amount is equal, to the last digit.
TEST_CASE("costs equal those of exact fractions", "[arithmetic]") {
    const std::uint64_t seed = Catch::rngSeed() == 0 ? 20'260'501 : Catch::rngSeed();
    std::size_t amounts = 0;
    for (std::uint64_t round = 0; round < 2'000; ++round) {
        Maker maker(seed * 1'000'003 + round);
        const rules::RuleBook book = maker.book();
        const ReferenceInput input = maker.input();
        const ReferenceBill wanted = reference_bill(book, input);
        const ReferenceBill got = product_bill(book, input, round % 2 == 0);
        if (wanted.costs != got.costs || wanted.unrated_micros != got.unrated_micros) {
            INFO("seed " << seed << ", round " << round);
            CHECK(got.unrated_micros == wanted.unrated_micros);
            REQUIRE(got.costs == wanted.costs);
        }
        amounts += wanted.costs.size();
    }
    CHECK(amounts > 2'000);
}

}  // namespace
}  // namespace dcm::billing
