#include "billing/doubt_report.h"

#include "billing/calendar.h"
#include "billing/price_model.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::size_t kAny = kDoubtCauses.size();
constexpr auto kMissingRate = static_cast<std::size_t>(DoubtCause::missing_rate);

// No part holds a NUL.
// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of InstanceKey.
std::string key_of(std::string_view service_type, std::string_view instance) {
    std::string key(service_type);
    key += '\0';
    key += instance;
    return key;
}

Decimal length_of(Period period) {
    return seconds_of(Int128{(period.end - period.start).micros});
}

// Visits the parts of `whole` that lie in stretches, which are in order and do not overlap.
template <typename Visit>
void each_part(const std::vector<DoubtfulStretch>& stretches, Period whole, const Visit& visit) {
    auto stretch = std::upper_bound(
        stretches.begin(), stretches.end(), whole.start, [](Instant at, const auto& each) {
            return at < each.during.end;
        });
    for (; stretch != stretches.end() && stretch->during.start < whole.end; ++stretch) {
        visit(common_part(stretch->during, whole));
    }
}

}  // namespace

DoubtSums& DoubtSums::operator+=(const DoubtSums& other) {
    usage_seconds += other.usage_seconds;
    unpriced_seconds += other.unpriced_seconds;
    cost += other.cost;
    return *this;
}

DoubtBuilder::DoubtBuilder(const rules::RuleBook& book,
                           std::vector<GroupKey> group_by,
                           LineFilter filter,
                           DoubtChoice choice,
                           Period shown)
    : book_(book),
      group_by_(std::move(group_by)),
      filter_(std::move(filter)),
      choice_(choice),
      shown_(shown),
      days_(book.zone, CalendarUnit::day),
      months_(book.zone, CalendarUnit::month) {}

void DoubtBuilder::add(const InstanceKey& key, std::vector<DoubtfulStretch> stretches) {
    if (stretches.empty() || choice_ != DoubtChoice::doubtful) {
        return;
    }
    Stretches& kept = stretches_[key_of(key.service_type, key.instance)];
    kept[kAny] = without_cause(stretches);
    for (DoubtfulStretch& stretch : stretches) {
        kept[static_cast<std::size_t>(stretch.cause)].push_back(std::move(stretch));
    }
    // Where nothing is charged there will be no line and no piece.
    for (std::size_t cause = 0; cause < kept.size(); ++cause) {
        for (const DoubtfulStretch& stretch : kept[cause]) {
            const Period during = common_part(stretch.during, shown_);
            if (!stretch.state.empty() || is_empty(during)) {
                continue;
            }
            for (const rules::Ownership& owner :
                 book_.resources.ownership(key.service_type, key.instance, during)) {
                add_unpriced(cause,
                             {key.service_type,
                              key.instance,
                              stretch.provider,
                              stretch.state,
                              owner.tenant,
                              nullptr,
                              common_part(owner.during, during)});
            }
        }
    }
}

const DoubtBuilder::Stretches* DoubtBuilder::stretches_of(std::string_view service_type,
                                                          std::string_view instance) const {
    if (stretches_.empty()) {
        return nullptr;
    }
    const auto found = stretches_.find(key_of(service_type, instance));
    return found == stretches_.end() ? nullptr : &found->second;
}

void DoubtBuilder::add(const RatedLine& line) {
    const Stretches* const stretches = stretches_of(line.service_type, line.instance);
    if (stretches == nullptr) {
        return;
    }
    const rules::Rate& rate = book_.rates[line.rate];
    const Period month = months_.around(line.charge.start).period;
    for (std::size_t cause = 0; cause < stretches->size(); ++cause) {
        each_part((*stretches)[cause], line.charge, [&](Period during) {
            add_sums(cause,
                     {line.service_type,
                      line.instance,
                      line.provider,
                      line.state,
                      line.tenant,
                      &rate,
                      during},
                     part_of_line(line, rate, month, during));
        });
    }
}

void DoubtBuilder::add(const UnratedPiece& piece) {
    Part part{piece.service_type,
              piece.instance,
              piece.provider,
              piece.state,
              piece.tenant,
              nullptr,
              piece.during};
    if (choice_ == DoubtChoice::unrated) {
        add_unpriced(kMissingRate, part);
    }
    const Stretches* const stretches = stretches_of(piece.service_type, piece.instance);
    if (stretches == nullptr) {
        return;
    }
    for (std::size_t cause = 0; cause < stretches->size(); ++cause) {
        each_part((*stretches)[cause], piece.during, [&](Period during) {
            part.during = during;
            add_unpriced(cause, part);
        });
    }
}

void DoubtBuilder::add_unpriced(std::size_t cause, const Part& part) {
    const bool by_day = needs_days(group_by_);
    const bool by_month =
        std::find(group_by_.begin(), group_by_.end(), GroupKey::month) != group_by_.end();
    Part piece = part;
    while (piece.during.start < part.during.end) {
        piece.during.end = part.during.end;
        if (by_day || by_month) {
            Calendar& calendar = by_day ? days_ : months_;
            piece.during.end =
                std::min(piece.during.end, calendar.around(piece.during.start).period.end);
        }
        DoubtSums sums;
        sums.unpriced_seconds = length_of(piece.during);
        add_sums(cause, piece, sums);
        piece.during.start = piece.during.end;
    }
}

void DoubtBuilder::add_sums(std::size_t cause, const Part& part, const DoubtSums& sums) {
    if (!lets_through(filter_, part)) {
        return;
    }
    if (cause == kAny) {
        any_ += sums;
        return;
    }
    std::vector<std::string> keys;
    keys.reserve(group_by_.size());
    for (const GroupKey key : group_by_) {
        keys.push_back(key_text(key, part));
    }
    lines_[cause][std::move(keys)] += sums;
}

std::string DoubtBuilder::key_text(GroupKey key, const Part& part) {
    switch (key) {
        case GroupKey::tenant:
            return std::string(part.tenant);
        case GroupKey::provider:
            return std::string(part.provider);
        case GroupKey::service_type:
            return std::string(part.service_type);
        case GroupKey::instance:
            return std::string(part.instance);
        case GroupKey::meter:
            return part.rate != nullptr ? part.rate->meter : "";
        case GroupKey::rate:
            return part.rate != nullptr ? part.rate->id : "";
        case GroupKey::state:
            return std::string(part.state);
        case GroupKey::day:
            return format_date(days_.around(part.during.start).date);
        case GroupKey::month:
            return format_month(months_.around(part.during.start).date);
    }
    return {};
}

DoubtReport DoubtBuilder::finish() {
    DoubtReport report;
    report.timezone = book_.zone.name();
    report.currency = book_.currency;
    report.group_by = group_by_;
    report.any = any_;
    for (const DoubtCause cause : kDoubtCauses) {
        const bool is_missing_rate = cause == DoubtCause::missing_rate;
        if (is_missing_rate != (choice_ == DoubtChoice::unrated)) {
            continue;
        }
        const std::string name(doubt_cause_name(cause));
        DoubtSums total;
        for (auto& [keys, sums] : lines_[static_cast<std::size_t>(cause)]) {
            report.lines.push_back({name, keys, sums});
            total += sums;
        }
        report.causes.emplace_back(name, total);
        if (is_missing_rate) {
            report.any = total;
        }
    }
    return report;
}

DoubtSums part_of_line(const RatedLine& line,
                       const rules::Rate& rate,
                       Period month,
                       Period during) {
    DoubtSums sums;
    sums.usage_seconds = length_of(during);
    const BilledPiece billed = bill_piece(rate, {line.interval_start, during, month});
    if (line.unit_price != nullptr) {
        sums.cost = to_decimal(billed.quantity) * *line.unit_price;
        return sums;
    }
    Quantity before = line.place->quantity_before;
    if (line.charge.start < during.start) {
        before += bill_piece(rate, {line.interval_start, {line.charge.start, during.start}, month})
                      .quantity;
    }
    const PriceModel model(rate);
    sums.cost = model.cost_until(to_decimal(before + billed.quantity)) -
                model.cost_until(to_decimal(before));
    if (during.end == line.charge.end) {
        sums.cost += line.place->added;
    }
    return sums;
}

}  // namespace dcm::billing
