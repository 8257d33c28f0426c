#include "billing/ordered_pricing.h"

#include "base/check.h"
#include "billing/price_model.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::size_t kAhead = 8;

}  // namespace

// Where a group's running sum stands.
struct OrderedPricing::Running {
    Quantity quantity;
    Decimal cost;
    bool is_last = false;  // no line of the group is left behind the one that is priced
};

OrderedPricing::OrderedPricing(const rules::RuleBook& book) : book_(book) {}

void OrderedPricing::add(const RatedLine& line, Period month) {
    const LineNumbers names = names_.numbers_of(line);
    const std::string_view tenant = names_.tenants.text_of(names.tenant);
    const auto next = static_cast<std::uint32_t>(groups_.size());
    const auto [found, is_new] = group_numbers_.try_emplace({tenant, line.rate, month.start}, next);
    if (is_new) {
        groups_.push_back({tenant, line.rate, month});
    }
    waiting_.push_back({.names = names,
                        .group = found->second,
                        .charge = line.charge,
                        .interval_start = line.interval_start,
                        .opened_by = line.opened_by});
}

void OrderedPricing::finish(LineCutter& cutter, const LineVisitor& visit) {
    const std::vector<Turn> order = turns();
    Running running;
    for (std::size_t i = 0; i < order.size(); ++i) {
        // The turns jump about in memory: what comes soon is asked for ahead.
        __builtin_prefetch(&waiting_[order[std::min(i + kAhead, order.size() - 1)].waiting]);
        running.is_last = i + 1 == order.size() || order[i + 1].group_rank != order[i].group_rank;
        price(waiting_[order[i].waiting], running, cutter, visit);
        if (running.is_last) {
            running = {};
        }
    }
}

// Group by group, in the order in which they are charged.
std::vector<OrderedPricing::Turn> OrderedPricing::turns() const {
    DCM_CHECK(waiting_.size() <= std::numeric_limits<std::uint32_t>::max());
    std::vector<std::uint32_t> ranks(groups_.size());
    std::uint32_t rank = 0;
    for (const auto& [key, number] : group_numbers_) {
        ranks[number] = rank++;
    }
    std::vector<Turn> turns;
    turns.reserve(waiting_.size());
    for (const Waiting& waiting : waiting_) {
        turns.push_back({.group_rank = ranks[waiting.group],
                         .waiting = static_cast<std::uint32_t>(turns.size()),
                         .start = waiting.charge.start});
    }
    const auto instance = [this](const Turn& turn) {
        const LineNumbers& names = waiting_[turn.waiting].names;
        return std::pair(names_.service_types.text_of(names.service_type),
                         names_.instances.text_of(names.instance));
    };
    std::sort(turns.begin(), turns.end(), [&instance](const Turn& left, const Turn& right) {
        if (left.group_rank != right.group_rank) {
            return left.group_rank < right.group_rank;
        }
        return left.start != right.start ? left.start < right.start
                                         : instance(left) < instance(right);
    });
    return turns;
}

void OrderedPricing::price(const Waiting& waiting,
                           Running& running,
                           LineCutter& cutter,
                           const LineVisitor& visit) const {
    const Group& group = groups_[waiting.group];
    const rules::Rate& rate = book_.rates[group.rate];
    const PriceModel model(rate);
    RatedLine line{.service_type = names_.service_types.text_of(waiting.names.service_type),
                   .instance = names_.instances.text_of(waiting.names.instance),
                   .provider = names_.providers.text_of(waiting.names.provider),
                   .state = names_.states.text_of(waiting.names.state),
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
        if (running.is_last && end == waiting.charge.end) {
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
