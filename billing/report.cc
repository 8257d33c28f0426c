#include "billing/report.h"

#include "base/check.h"
#include "base/nearest.h"
#include "billing/price_model.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::array kGroupKeys{GroupKey::tenant,
                                GroupKey::provider,
                                GroupKey::service_type,
                                GroupKey::instance,
                                GroupKey::meter,
                                GroupKey::rate,
                                GroupKey::state,
                                GroupKey::day,
                                GroupKey::month};

enum NamePlace : std::size_t {
    tenant_place,
    provider_place,
    type_place,
    instance_place,
    state_place
};

// 2^64 ÷ the golden ratio: spreads small numbers over all bits.
constexpr std::uint64_t kHashFactor = 0x9E37'79B9'7F4A'7C15;

constexpr unsigned bit_of(GroupKey key) {
    return 1U << static_cast<unsigned>(key);
}

Error bad_group_key(std::string_view word) {
    std::vector<std::string> known;
    std::string list;
    for (const GroupKey key : kGroupKeys) {
        known.emplace_back(group_key_name(key));
        list += (list.empty() ? "" : ", ") + known.back();
    }
    const std::string nearest = nearest_word(word, known);
    return {ErrorKind::usage,
            "expected --group-by as a comma list of " + list + ", each once, got \"" +
                std::string(word) + '"' +
                (nearest.empty() ? "" : "; did you mean " + nearest + '?')};
}

Result<std::vector<GroupKey>> add_group_key(std::vector<GroupKey> keys, std::string_view word) {
    const auto* const found =
        std::find_if(kGroupKeys.begin(), kGroupKeys.end(), [word](GroupKey key) {
            return group_key_name(key) == word;
        });
    if (found == kGroupKeys.end() || std::find(keys.begin(), keys.end(), *found) != keys.end()) {
        return bad_group_key(word);
    }
    keys.push_back(*found);
    return keys;
}

}  // namespace

std::string_view group_key_name(GroupKey key) {
    switch (key) {
        case GroupKey::tenant:
            return "tenant";
        case GroupKey::provider:
            return "provider";
        case GroupKey::service_type:
            return "service_type";
        case GroupKey::instance:
            return "instance";
        case GroupKey::meter:
            return "meter";
        case GroupKey::rate:
            return "rate";
        case GroupKey::state:
            return "state";
        case GroupKey::day:
            return "day";
        case GroupKey::month:
            return "month";
    }
    return {};
}

Result<std::vector<GroupKey>> parse_group_by(std::string_view text) {
    Result<std::vector<GroupKey>> keys = std::vector<GroupKey>{};
    bool more = !text.empty();
    while (more && keys.ok()) {
        const std::size_t comma = text.find(',');
        keys = add_group_key(std::move(keys).value(), text.substr(0, comma));
        more = comma != std::string_view::npos;
        text.remove_prefix(more ? comma + 1 : text.size());
    }
    return keys;
}

bool needs_days(const std::vector<GroupKey>& keys) {
    return std::find(keys.begin(), keys.end(), GroupKey::day) != keys.end();
}

ReportBuilder::ReportBuilder(const rules::RuleBook& book,
                             std::vector<GroupKey> group_by,
                             LineFilter filter)
    : book_(book),
      group_by_(std::move(group_by)),
      filter_(std::move(filter)),
      days_(book.zone, CalendarUnit::day),
      months_(book.zone, CalendarUnit::month) {
    for (const GroupKey key : group_by_) {
        keys_asked_ |= bit_of(key);
    }
}

void ReportBuilder::add(const RatedLine& line) {
    if (!lets_through(filter_, line)) {
        return;
    }
    Sums& sums = sums_[cell_of(line)];
    sums.usage_micros += line.usage().micros;
    sums.billed_micros += line.billed.micros;
    if (line.unit_price != nullptr) {
        sums.quantity += line.quantity;
    } else {
        sums.cost_in_order += line.cost_in_order;
    }
}

void ReportBuilder::add(const UnratedPiece& piece) {
    if (lets_through(filter_, piece)) {
        unrated_micros_ += (piece.during.end - piece.during.start).micros;
    }
}

Report ReportBuilder::finish() {
    std::map<std::vector<std::string>, ReportLine> lines;
    Report report{.timezone = book_.zone.name(),
                  .currency = book_.currency,
                  .group_by = group_by_,
                  .lines = {},
                  .unrated_seconds = seconds_of(unrated_micros_),
                  .total = {},
                  .total_rounded = {},
                  .billed = {}};
    for (const auto& [cell, sums] : sums_) {
        std::vector<std::string> keys;
        for (const GroupKey key : group_by_) {
            keys.push_back(key_text(key, cell));
        }
        ReportLine& line = lines[keys];
        line.keys = std::move(keys);
        line.usage_seconds += seconds_of(sums.usage_micros);
        line.billed_seconds += seconds_of(sums.billed_micros);
        const Decimal cost = cost_of(cell, sums);
        line.cost += cost;
        report.total += cost;
    }
    for (auto& [keys, line] : lines) {
        report.lines.push_back(std::move(line));
    }
    const std::optional<unsigned> digits = rules::minor_unit_digits(book_.currency);
    DCM_CHECK(digits.has_value());
    report.total_rounded = report.total.rounded(*digits, Rounding::half_up);
    return report;
}

std::size_t ReportBuilder::CellHash::operator()(const Cell& cell) const {
    std::uint64_t hash = cell.rate;
    const auto mix = [&hash](std::uint64_t value) {
        hash = (hash ^ value) * kHashFactor;
        hash ^= hash >> 29U;
    };
    for (const std::uint32_t name : cell.names) {
        mix(name);
    }
    mix(static_cast<std::uint64_t>(cell.day.micros));
    mix(static_cast<std::uint64_t>(cell.month.micros));
    return hash;
}

bool ReportBuilder::has_key(GroupKey key) const {
    return (keys_asked_ & bit_of(key)) != 0;
}

ReportBuilder::Cell ReportBuilder::cell_of(const RatedLine& line) {
    Cell cell;
    const auto name = [&](GroupKey key, NamePlace place, std::string_view text) {
        if (has_key(key)) {
            cell.names[place] = names_[place].number_of(text);
        }
    };
    name(GroupKey::tenant, tenant_place, line.tenant);
    name(GroupKey::provider, provider_place, line.provider);
    name(GroupKey::service_type, type_place, line.service_type);
    name(GroupKey::instance, instance_place, line.instance);
    name(GroupKey::state, state_place, line.state);
    cell.rate = line.rate;
    if (has_key(GroupKey::day)) {
        cell.day = days_.around(line.charge.start).period.start;
    }
    if (has_key(GroupKey::month)) {
        cell.month = months_.around(line.charge.start).period.start;
    }
    return cell;
}

std::string ReportBuilder::key_text(GroupKey key, const Cell& cell) {
    const auto name = [&](NamePlace place) {
        return std::string(names_[place].text_of(cell.names[place]));
    };
    switch (key) {
        case GroupKey::tenant:
            return name(tenant_place);
        case GroupKey::provider:
            return name(provider_place);
        case GroupKey::service_type:
            return name(type_place);
        case GroupKey::instance:
            return name(instance_place);
        case GroupKey::meter:
            return book_.rates[cell.rate].meter;
        case GroupKey::rate:
            return book_.rates[cell.rate].id;
        case GroupKey::state:
            return name(state_place);
        case GroupKey::day:
            return format_date(days_.around(cell.day).date);
        case GroupKey::month:
            return format_month(months_.around(cell.month).date);
    }
    return {};
}

Decimal ReportBuilder::cost_of(const Cell& cell, const Sums& sums) const {
    const std::optional<Decimal> unit_price = PriceModel(book_.rates[cell.rate]).unit_price();
    return unit_price.has_value() ? to_decimal(sums.quantity) * *unit_price : sums.cost_in_order;
}

}  // namespace dcm::billing
