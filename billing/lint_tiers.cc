#include "billing/lint_tiers.h"

#include "billing/price_model.h"
#include "billing/quantity.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace dcm::billing {
namespace {

Decimal bill_of(const rules::Rate& rate, const Decimal& usage) {
    const Decimal cost = PriceModel(rate).cost_until(usage);
    return rate.minimum_spend ? std::max(cost, *rate.minimum_spend) : cost;
}

// What the rate would cost at this quantity if the next step held already: the cost that usage just
// above the bound comes down to.
Decimal bill_above(const rules::Rate& rate, std::size_t step, const Decimal& usage) {
    rules::Rate above = rate;
    auto& steps = above.tiers->steps;
    steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(step) + 1);
    return bill_of(above, usage);
}

// A usage and the rate it is billed by.
struct Billed {
    const rules::Rate& rate;
    const std::string& currency;
    const Decimal& usage;
};

std::string fall_text(const Billed& of, const Decimal& at_bound, const Decimal& above) {
    const std::string usage = of.usage.to_string();
    return "expected that more usage never costs less, got a step where it does: usage of " +
           usage + " (unit: " + std::string(unit_name(of.rate.unit)) + ") costs " +
           at_bound.to_string() + ' ' + of.currency + ", just above " + usage + " it costs " +
           above.to_string();
}

}  // namespace

void lint_volume_tiers(const rules::PlacedBook& of, rules::Problems& problems) {
    const Decimal least(BigInt(1), kQuantityDecimals);
    for (std::size_t i = 0; i < of.book.rates.size(); ++i) {
        const rules::Rate& rate = of.book.rates[i];
        if (!rate.tiers.has_value() || rate.tiers->mode != rules::TierMode::volume) {
            continue;
        }
        const rules::RatePlaces& places = of.places.rates[i];
        for (std::size_t step = 0; step + 1 < rate.tiers->steps.size(); ++step) {
            const Decimal usage = rate.free + *rate.tiers->steps[step].up_to;
            const Decimal at_bound = bill_of(rate, usage);
            if (at_bound <= bill_of(rate, usage + least)) {
                continue;
            }
            problems.warn(
                {places.rate.file, places.steps[step + 1]},
                fall_text(
                    {rate, of.book.currency, usage}, at_bound, bill_above(rate, step, usage)));
        }
    }
}

}  // namespace dcm::billing
