#include "billing/rated_lines.h"

#include "billing/price_model.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace dcm::billing {

RatedLines::RatedLines(const rules::RuleBook& book) : book_(book) {
    unit_prices_.reserve(book.rates.size());
    for (const rules::Rate& rate : book.rates) {
        rate_numbers_.emplace(rate.id, unit_prices_.size());
        unit_prices_.push_back(PriceModel(rate).unit_price());
    }
}

void RatedLines::add(const RatedLine& line) {
    Kept kept{.tenant = number_of(line.tenant),
              .service_type = number_of(line.service_type),
              .instance = number_of(line.instance),
              .provider = number_of(line.provider),
              .state = number_of(line.state),
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

std::uint32_t RatedLines::number_of(std::string_view name) {
    const std::uint32_t number = names_.number_of(name);
    names_end_ = std::max(names_end_, number + 1);
    return number;
}

void RatedLines::sort() {
    const std::vector<std::uint32_t> ranks = ranks_of_names();
    const auto key = [&ranks](const Kept& kept) {
        return std::tuple(ranks[kept.tenant],
                          ranks[kept.service_type],
                          ranks[kept.instance],
                          kept.charge.start,
                          kept.rate);
    };
    std::sort(lines_.begin(), lines_.end(), [&key](const Kept& left, const Kept& right) {
        return key(left) < key(right);
    });
}

// By number: the place of the name among all, as bytes.
std::vector<std::uint32_t> RatedLines::ranks_of_names() const {
    std::vector<std::uint32_t> numbers(names_end_);
    std::iota(numbers.begin(), numbers.end(), 0U);
    std::sort(numbers.begin(), numbers.end(), [this](std::uint32_t left, std::uint32_t right) {
        return names_.text_of(left) < names_.text_of(right);
    });
    std::vector<std::uint32_t> ranks(numbers.size());
    for (std::uint32_t rank = 0; rank < numbers.size(); ++rank) {
        ranks[numbers[rank]] = rank;
    }
    return ranks;
}

std::string_view RatedLines::tenant(std::size_t index) const {
    return names_.text_of(lines_[index].tenant);
}

Decimal RatedLines::cost(std::size_t index) const {
    const Kept& kept = lines_[index];
    const std::optional<Decimal>& unit_price = unit_prices_[kept.rate];
    return unit_price.has_value() ? to_decimal(kept.quantity) * *unit_price : costs_[kept.cost];
}

RatedLines::Key RatedLines::key_of(const Kept& kept) const {
    return {names_.text_of(kept.tenant),
            names_.text_of(kept.service_type),
            names_.text_of(kept.instance),
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
        lines_.begin(), lines_.end(), key, [this](const Kept& kept, const Key& wanted) {
            return key_of(kept) < wanted;
        });
    const bool is_there = found != lines_.end() && key_of(*found) == key;
    return is_there ? std::optional(static_cast<std::size_t>(found - lines_.begin()))
                    : std::nullopt;
}

void RatedLines::fill(std::size_t index, StatementLine& line) const {
    const Kept& kept = lines_[index];
    const rules::Rate& rate = book_.rates[kept.rate];
    line.tenant = names_.text_of(kept.tenant);
    line.provider = names_.text_of(kept.provider);
    line.service_type = names_.text_of(kept.service_type);
    line.instance = names_.text_of(kept.instance);
    line.meter = rate.meter;
    line.rate = rate.id;
    line.state = names_.text_of(kept.state);
    line.charge = kept.charge;
    line.billed = kept.billed;
    line.quantity = to_decimal(kept.quantity);
    line.unit = rules::unit_name(rate.unit);
    line.unit_price = unit_prices_[kept.rate];
    line.cost = cost(index);
    line.currency = book_.currency;
}

}  // namespace dcm::billing
