#include "reference_price.h"

#include <algorithm>
#include <map>

namespace dcm::reference {
namespace {

Fraction stepped_cost(const Tiers& tiers, const Fraction& charged) {
    Fraction below = 0;
    Fraction sum = 0;
    for (const Step& step : tiers.steps) {
        if (charged <= below) {
            break;
        }
        const bool is_highest = !step.up_to.has_value() || charged <= step.up_to->value();
        const Fraction flat = step.flat.has_value() ? step.flat->value() : Fraction(0);
        if (tiers.mode == "volume" && is_highest) {
            return charged * step.price.value() + flat;
        }
        const Fraction top = is_highest ? charged : step.up_to->value();
        sum += (top - below) * step.price.value() + flat;
        below = top;
    }
    return sum;
}

Fraction list_cost(const Rate& rate, const Fraction& charged) {
    if (rate.price.has_value()) {
        return charged * rate.price->value();
    }
    if (rate.tiers->mode == "package") {
        return Fraction(ceiling_of(charged / rate.tiers->size.value())) * rate.tiers->price.value();
    }
    return stepped_cost(*rate.tiers, charged);
}

}  // namespace

Micros billed(const Rate& rate, Micros start, Micros at) {
    if (at <= start) {
        return 0;
    }
    const Micros step = rate.granularity.has_value() ? rate.granularity->micros : 1;
    Micros stepped = (at - start) / step * step;
    stepped += stepped < at - start ? step : 0;
    return std::max(rate.minimum.has_value() ? rate.minimum->micros : 0, stepped);
}

Fraction quantity(const Rate& rate, Micros start, Micros at, const Month& month) {
    static const std::map<std::string, Micros> units{
        {"second", kSecond}, {"minute", 60 * kSecond}, {"hour", kHour}, {"day", kDay}};
    if (rate.unit != "month") {
        return half_even(Fraction(billed(rate, start, at), units.at(rate.unit)), 12);
    }
    const Micros later = std::max(start, month.start);
    const Micros counted = billed(rate, start, at) - billed(rate, start, later);
    return half_even(Fraction(counted, month.end - month.start), 12);
}

Fraction cost_until(const Rate& rate, const Fraction& quantity) {
    const Fraction free = rate.free.has_value() ? rate.free->value() : Fraction(0);
    const Fraction charged = std::max(Fraction(0), Fraction(quantity - free));
    const Fraction percent =
        rate.discount_percent.has_value() ? rate.discount_percent->value() : Fraction(0);
    const Fraction net = list_cost(rate, charged) * (100 - percent) / 100;
    return rate.maximum_spend.has_value() ? std::min(net, rate.maximum_spend->value()) : net;
}

}  // namespace dcm::reference
