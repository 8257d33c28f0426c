#include "rules/parse_rates.h"

#include <array>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::array<std::string_view, 15> kRateKeys{"id",
                                                     "meter",
                                                     "match",
                                                     "valid_from",
                                                     "valid_to",
                                                     "price",
                                                     "tiers",
                                                     "unit",
                                                     "granularity",
                                                     "minimum",
                                                     "free",
                                                     "discount",
                                                     "minimum_spend",
                                                     "maximum_spend",
                                                     "allow_negative"};
constexpr std::array<std::string_view, 6> kMatchKeys{
    "service_type", "state", "provider", "instance", "tenant", "labels"};
// In the order of the enumerators.
constexpr std::array<std::string_view, 5> kUnits{"second", "minute", "hour", "day", "month"};
constexpr std::array<std::string_view, 3> kModes{"graduated", "volume", "package"};
constexpr std::array<std::string_view, 2> kSteppedKeys{"mode", "steps"};
constexpr std::array<std::string_view, 3> kPackageKeys{"mode", "size", "price"};
constexpr std::array<std::string_view, 4> kAnyTierKeys{"mode", "steps", "size", "price"};
constexpr std::array<std::string_view, 3> kStepKeys{"up_to", "price", "flat"};

Match read_match(const YamlReader& reader, const YamlNode& node) {
    struct Field {
        std::string_view key;
        Patterns Match::*patterns;
    };
    constexpr std::array<Field, 5> fields{Field{"service_type", &Match::service_type},
                                          Field{"state", &Match::state},
                                          Field{"provider", &Match::provider},
                                          Field{"instance", &Match::instance},
                                          Field{"tenant", &Match::tenant}};
    Match match;
    if (!reader.check_map(node, "a map of what the rate matches", kMatchKeys)) {
        return match;
    }
    for (const Field& field : fields) {
        if (const YamlNode* const value = find_member(node, field.key)) {
            match.*field.patterns = reader.patterns(*value);
        }
    }
    if (const YamlNode* const labels = find_member(node, "labels")) {
        for (const auto& [name, value] : reader.members(*labels, "a map of labels")) {
            match.labels[name->text] = reader.patterns(*value);
        }
    }
    return match;
}

// A price of any kind. Only a rate that allows it may have one below zero.
std::optional<Decimal> read_price(const YamlReader& reader, const YamlNode& node, Sign sign) {
    std::optional<Decimal> price = reader.decimal(node, Sign::any);
    if (price && price->is_negative() && sign != Sign::any) {
        reader.unexpected(node,
                          "a price that is not negative, or allow_negative: true in the rate");
        return std::nullopt;
    }
    return price;
}

TierStep read_step(const YamlReader& reader, const YamlNode& node, Sign sign) {
    TierStep step;
    if (!reader.check_map(node, "a map with up_to, price and flat", kStepKeys)) {
        return step;
    }
    if (const YamlNode* const up_to = find_member(node, "up_to")) {
        step.up_to = reader.decimal(*up_to, Sign::positive);
    }
    if (const YamlNode* const price = reader.require(node, "price")) {
        step.price = read_price(reader, *price, sign).value_or(Decimal());
    }
    if (const YamlNode* const flat = find_member(node, "flat")) {
        step.flat = read_price(reader, *flat, sign).value_or(Decimal());
    }
    return step;
}

// The steps go up, and only the last one has no bound.
void check_bounds(const YamlReader& reader,
                  std::span<const YamlNode* const> nodes,
                  const std::vector<TierStep>& steps) {
    std::optional<Decimal> below;
    for (std::size_t index = 0; index < nodes.size(); ++index) {
        const YamlNode& node = *nodes[index];
        const YamlNode* const up_to = find_member(node, "up_to");
        const bool is_last = index + 1 == nodes.size();
        if (node.kind == YamlKind::map && is_last && up_to != nullptr) {
            reader.problem(*up_to, "expected no up_to in the last step, got one");
        }
        if (node.kind == YamlKind::map && !is_last && up_to == nullptr) {
            reader.problem(node, "expected up_to in every step but the last, got none");
        }
        const std::optional<Decimal>& bound = steps[index].up_to;
        if (up_to != nullptr && below && bound && *bound <= *below) {
            reader.unexpected(*up_to,
                              "a bound above that of the step before, " + below->to_string());
        }
        if (bound) {
            below = bound;
        }
    }
}

void read_steps(const YamlReader& reader, const YamlNode& node, Sign sign, Tiers& tiers) {
    static_cast<void>(reader.check_map(node, "a map of tiers", kSteppedKeys));
    const YamlNode* const list = reader.require(node, "steps");
    if (list == nullptr) {
        return;
    }
    const auto steps = reader.items(*list, "a list of steps");
    if (list->kind == YamlKind::list && steps.empty()) {
        reader.problem(*list, "expected at least one step, got an empty list");
    }
    for (const YamlNode* const step : steps) {
        tiers.steps.push_back(read_step(reader, *step, sign));
    }
    check_bounds(reader, steps, tiers.steps);
}

void read_package(const YamlReader& reader, const YamlNode& node, Sign sign, Tiers& tiers) {
    static_cast<void>(reader.check_map(node, "a map of tiers", kPackageKeys));
    if (const YamlNode* const size = reader.require(node, "size")) {
        tiers.package_size = reader.decimal(*size, Sign::positive).value_or(Decimal(1));
    }
    if (const YamlNode* const price = reader.require(node, "price")) {
        tiers.package_price = read_price(reader, *price, sign).value_or(Decimal());
    }
}

Tiers read_tiers(const YamlReader& reader, const YamlNode& node, Sign sign) {
    Tiers tiers;
    const YamlNode* const mode_node = reader.require(node, "mode");
    const auto mode =
        mode_node == nullptr ? std::nullopt : reader.choice(*mode_node, "a tier mode", kModes);
    if (!mode) {
        static_cast<void>(reader.check_map(node, "a map of tiers", kAnyTierKeys));
        return tiers;
    }
    tiers.mode = static_cast<TierMode>(*mode);
    if (tiers.mode == TierMode::package) {
        read_package(reader, node, sign, tiers);
    } else {
        read_steps(reader, node, sign, tiers);
    }
    return tiers;
}

void read_identity(const YamlReader& reader,
                   const YamlNode& node,
                   std::set<std::string, std::less<>>& ids,
                   Rate& rate) {
    if (const YamlNode* const id = reader.require(node, "id")) {
        rate.id = reader.text(*id, "the rate's id").value_or("");
        if (!rate.id.empty() && !ids.insert(rate.id).second) {
            reader.unexpected(*id, "an id that no other rate has");
        }
    }
    if (const YamlNode* const meter = find_member(node, "meter")) {
        rate.meter = reader.text(*meter, "a meter's name").value_or(rate.meter);
    }
    if (const YamlNode* const match = find_member(node, "match")) {
        rate.match = read_match(reader, *match);
    }
}

void read_validity(const YamlReader& reader, const YamlNode& node, const Zone& zone, Rate& rate) {
    if (const YamlNode* const from = find_member(node, "valid_from")) {
        rate.valid_from = reader.bound(*from, zone);
    }
    const YamlNode* const to = find_member(node, "valid_to");
    if (to == nullptr) {
        return;
    }
    rate.valid_to = reader.bound(*to, zone);
    if (rate.valid_from && rate.valid_to && *rate.valid_to <= *rate.valid_from) {
        reader.unexpected(*to, "valid_to after valid_from");
    }
}

void read_pricing(const YamlReader& reader, const YamlNode& node, Rate& rate) {
    const YamlNode* const allow = find_member(node, "allow_negative");
    const bool allow_negative = allow != nullptr && reader.boolean(*allow).value_or(false);
    const Sign sign = allow_negative ? Sign::any : Sign::not_negative;
    const YamlNode* const price = find_member(node, "price");
    const YamlNode* const tiers = find_member(node, "tiers");
    if (price == nullptr && tiers == nullptr) {
        reader.problem(node, "expected price or tiers in a rate, got neither");
    }
    if (price != nullptr && tiers != nullptr) {
        reader.problem(*tiers, "expected either price or tiers in a rate, got both");
    }
    if (price != nullptr) {
        rate.price = read_price(reader, *price, sign);
    }
    if (tiers != nullptr) {
        rate.tiers = read_tiers(reader, *tiers, sign);
    }
    if (const YamlNode* const unit = reader.require(node, "unit")) {
        rate.unit = static_cast<Unit>(reader.choice(*unit, "a unit", kUnits).value_or(0));
    }
}

void read_terms(const YamlReader& reader, const YamlNode& node, Rate& rate) {
    if (const YamlNode* const granularity = find_member(node, "granularity")) {
        rate.granularity = reader.duration(*granularity, Sign::positive).value_or(rate.granularity);
    }
    if (const YamlNode* const minimum = find_member(node, "minimum")) {
        rate.minimum = reader.duration(*minimum, Sign::not_negative).value_or(rate.minimum);
    }
    if (const YamlNode* const free = find_member(node, "free")) {
        rate.free = reader.decimal(*free, Sign::not_negative).value_or(rate.free);
    }
    if (const YamlNode* const discount = find_member(node, "discount")) {
        rate.discount = reader.percentage(*discount).value_or(rate.discount);
    }
    if (const YamlNode* const least = find_member(node, "minimum_spend")) {
        rate.minimum_spend = reader.decimal(*least, Sign::not_negative);
    }
    const YamlNode* const most = find_member(node, "maximum_spend");
    if (most == nullptr) {
        return;
    }
    rate.maximum_spend = reader.decimal(*most, Sign::not_negative);
    if (rate.minimum_spend && rate.maximum_spend && *rate.maximum_spend < *rate.minimum_spend) {
        reader.unexpected(*most, "a maximum_spend that is not below minimum_spend");
    }
}

}  // namespace

Rate read_rate(const YamlReader& reader,
               const YamlNode& node,
               const Zone& zone,
               std::set<std::string, std::less<>>& ids) {
    Rate rate;
    if (!reader.check_map(node, "a rate, which is a map", kRateKeys)) {
        return rate;
    }
    read_identity(reader, node, ids, rate);
    read_validity(reader, node, zone, rate);
    read_pricing(reader, node, rate);
    read_terms(reader, node, rate);
    return rate;
}

}  // namespace dcm::rules
