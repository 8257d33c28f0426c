#include "billing/ordered_pricing.h"

#include "billing/price_model.h"

#include <algorithm>

namespace dcm::billing {

// Where a group's running sum stands.
struct OrderedPricing::Running {
    Quantity quantity;
    Decimal cost;
};

OrderedPricing::OrderedPricing(const rules::RuleBook& book) : book_(book) {}

void OrderedPricing::add(const RatedLine& line, Period month) {
    const std::string_view tenant = names_.keep(line.tenant);
    const auto next = static_cast<std::uint32_t>(groups_.size());
    const auto [found, is_new] = group_numbers_.try_emplace({tenant, line.rate, month.start}, next);
    if (is_new) {
        groups_.push_back({tenant, line.rate, month});
    }
    waiting_.push_back({.group = found->second,
                        .service_type = names_.number_of(line.service_type),
                        .instance = names_.number_of(line.instance),
                        .provider = names_.number_of(line.provider),
                        .state = names_.number_of(line.state),
                        .charge = line.charge,
                        .interval_start = line.interval_start,
                        .opened_by = line.opened_by});
}

void OrderedPricing::finish(LineCutter& cutter, const LineVisitor& visit) {
    // Stable: lines that start together stay in the order of their instances' keys.
    std::stable_sort(
        waiting_.begin(), waiting_.end(), [](const Waiting& left, const Waiting& right) {
            return std::tie(left.group, left.charge.start) <
                   std::tie(right.group, right.charge.start);
        });
    Running running;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const bool is_last = i + 1 == waiting_.size() || waiting_[i + 1].group != waiting_[i].group;
        price({waiting_[i], is_last}, running, cutter, visit);
        if (is_last) {
            running = {};
        }
    }
}

void OrderedPricing::price(const Turn& turn,
                           Running& running,
                           LineCutter& cutter,
                           const LineVisitor& visit) const {
    const Waiting& waiting = turn.waiting;
    const Group& group = groups_[waiting.group];
    const rules::Rate& rate = book_.rates[group.rate];
    const PriceModel model(rate);
    RatedLine line{.service_type = names_.text_of(waiting.service_type),
                   .instance = names_.text_of(waiting.instance),
                   .provider = names_.text_of(waiting.provider),
                   .state = names_.text_of(waiting.state),
                   .tenant = group.tenant,
                   .rate = group.rate,
                   .charge = {},
                   .interval_start = waiting.interval_start,
                   .opened_by = waiting.opened_by,
                   .billed = {},
                   .quantity = {},
                   .unit_price = nullptr,
                   .cost_in_order = {},
                   .place = nullptr};
    LinePlace place;
    line.place = &place;
    Instant at = waiting.charge.start;
    for (const Instant end : cutter.ends_of_parts(waiting.charge)) {
        line.charge = {at, end};
        const BilledPiece billed =
            bill_piece(rate, {line.interval_start, line.charge, group.month});
        line.billed = billed.billed;
        line.quantity = billed.quantity;
        place = {running.quantity, running.cost, {}};
        running.quantity += billed.quantity;
        const Decimal until = model.cost_until(to_decimal(running.quantity));
        line.cost_in_order = until - running.cost;
        running.cost = until;
        if (turn.is_last && end == waiting.charge.end) {
            place.added = model.missing_to_minimum(until);
            line.cost_in_order += place.added;
        }
        if (cutter.shows(line.charge)) {
            visit(line);
        }
        at = end;
    }
}

}  // namespace dcm::billing
