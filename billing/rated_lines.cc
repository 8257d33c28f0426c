#include "billing/rated_lines.h"

#include "base/check.h"
#include "billing/price_model.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace dcm::billing {
namespace {

// What a line is sorted by, in numbers.
struct Place {
    std::uint32_t tenant = 0;
    std::uint32_t service_type = 0;
    std::uint32_t instance = 0;
    std::uint32_t rate = 0;
    Instant start;
    std::uint32_t line = 0;
};

}  // namespace

RatedLines::RatedLines(const rules::RuleBook& book) : book_(book) {
    unit_prices_.reserve(book.rates.size());
    for (const rules::Rate& rate : book.rates) {
        rate_numbers_.emplace(rate.id, unit_prices_.size());
        unit_prices_.push_back(PriceModel(rate).unit_price());
    }
}

void RatedLines::add(const RatedLine& line) {
    Kept kept{.names = names_.numbers_of(line),
              .rate = static_cast<std::uint32_t>(line.rate),
              .charge = line.charge,
              .billed = line.billed,
              .quantity = line.quantity,
              .cost = 0};
    if (!unit_prices_[line.rate].has_value()) {
        kept.cost = costs_.size();
        costs_.push_back(line.cost_in_order);
    }
    lines_.push_back(kept);
}

void RatedLines::sort() {
    DCM_CHECK(lines_.size() <= std::numeric_limits<std::uint32_t>::max());
    const std::vector<std::uint32_t> tenants = names_.tenants.ranks();
    const std::vector<std::uint32_t> service_types = names_.service_types.ranks();
    const std::vector<std::uint32_t> instances = names_.instances.ranks();
    std::vector<Place> places;
    places.reserve(lines_.size());
    for (const Kept& kept : lines_) {
        places.push_back({.tenant = tenants[kept.names.tenant],
                          .service_type = service_types[kept.names.service_type],
                          .instance = instances[kept.names.instance],
                          .rate = kept.rate,
                          .start = kept.charge.start,
                          .line = static_cast<std::uint32_t>(places.size())});
    }
    std::sort(places.begin(), places.end(), [](const Place& left, const Place& right) {
        return std::tie(left.tenant, left.service_type, left.instance, left.start, left.rate) <
               std::tie(right.tenant, right.service_type, right.instance, right.start, right.rate);
    });
    order_.reserve(places.size());
    for (const Place& place : places) {
        order_.push_back(place.line);
    }
}

std::string_view RatedLines::tenant(std::size_t index) const {
    return names_.tenants.text_of(at(index).names.tenant);
}

Decimal RatedLines::cost(std::size_t index) const {
    const Kept& kept = at(index);
    const std::optional<Decimal>& unit_price = unit_prices_[kept.rate];
    return unit_price.has_value() ? to_decimal(kept.quantity) * *unit_price : costs_[kept.cost];
}

RatedLines::Key RatedLines::key_of(const Kept& kept) const {
    return {names_.tenants.text_of(kept.names.tenant),
            names_.service_types.text_of(kept.names.service_type),
            names_.instances.text_of(kept.names.instance),
            kept.charge.start,
            kept.rate};
}

std::optional<std::size_t> RatedLines::find(const StatementLine& line) const {
    const auto rate = rate_numbers_.find(line.rate);
    if (rate == rate_numbers_.end()) {
        return std::nullopt;
    }
    const Key key{line.tenant, line.service_type, line.instance, line.charge.start, rate->second};
    const auto found = std::lower_bound(
        order_.begin(), order_.end(), key, [this](std::uint32_t kept, const Key& wanted) {
            return key_of(lines_[kept]) < wanted;
        });
    const bool is_there = found != order_.end() && key_of(lines_[*found]) == key;
    return is_there ? std::optional(static_cast<std::size_t>(found - order_.begin()))
                    : std::nullopt;
}

void RatedLines::fill(std::size_t index, StatementLine& line) const {
    const Kept& kept = at(index);
    const rules::Rate& rate = book_.rates[kept.rate];
    line.tenant = names_.tenants.text_of(kept.names.tenant);
    line.provider = names_.providers.text_of(kept.names.provider);
    line.service_type = names_.service_types.text_of(kept.names.service_type);
    line.instance = names_.instances.text_of(kept.names.instance);
    line.meter = rate.meter;
    line.rate = rate.id;
    line.state = names_.states.text_of(kept.names.state);
    line.charge = kept.charge;
    line.billed = kept.billed;
    line.quantity = to_decimal(kept.quantity);
    line.unit = rules::unit_name(rate.unit);
    line.unit_price = unit_prices_[kept.rate];
    line.cost = cost(index);
    line.currency = book_.currency;
}

}  // namespace dcm::billing
