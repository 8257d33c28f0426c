#include "rules/yaml_reader.h"

#include <algorithm>
#include <utility>

namespace dcm::rules {
namespace {

// Longer ones are mistakes, and too near to where sums of times overflow.
constexpr Duration kDurationMax{36'500LL * 86'400 * kMicrosPerSecond};

std::string what_came(const YamlNode& node) {
    switch (node.kind) {
        case YamlKind::null:
            return "nothing";
        case YamlKind::scalar:
            return shown(node.text);
        case YamlKind::list:
            return "a list";
        case YamlKind::map:
            return "a map";
    }
    return {};
}

bool is_bare_number(const YamlNode& node) {
    return !node.quoted && Decimal::parse(node.text).ok();
}

}  // namespace

Result<Instant> parse_bound(std::string_view text, const Zone& zone) {
    constexpr std::size_t month_bytes = 7;
    constexpr std::size_t date_bytes = 10;
    if (text.size() > date_bytes) {
        return parse_rfc3339(text);
    }
    const Result<CivilDate> date =
        text.size() == month_bytes ? parse_month(text) : parse_date(text);
    if (!date.ok()) {
        return malformed("expected a date, a month or an RFC 3339 time, got " + shown(text));
    }
    return zone.start_of(date.value());
}

const YamlNode* find_member(const YamlNode& map, std::string_view key) {
    const auto found =
        std::find_if(map.members.begin(), map.members.end(), [key](const YamlNode::Member& member) {
            return member.first->text == key;
        });
    return found == map.members.end() ? nullptr : found->second;
}

void YamlReader::problem(const YamlNode& at, std::string message) const {
    problems_->add(*file_, at.offset, std::move(message));
}

void YamlReader::unexpected(const YamlNode& at, std::string_view expected) const {
    problem(at, "expected " + std::string(expected) + ", got " + what_came(at));
}

bool YamlReader::check_map(const YamlNode& node, std::string_view what, KnownWords keys) const {
    for (const auto& [key, value] : members(node, what)) {
        if (std::find(keys.begin(), keys.end(), key->text) == keys.end()) {
            problem(*key,
                    problems_->is_full()
                        ? std::string()
                        : "unknown key " + shown(key->text) + suggestion(key->text, keys));
        }
    }
    return node.kind == YamlKind::map;
}

const YamlNode* YamlReader::require(const YamlNode& map, std::string_view key) const {
    const YamlNode* const value = find_member(map, key);
    if (value == nullptr && map.kind == YamlKind::map) {
        problem(map, "expected the key " + shown(key) + ", got none");
    }
    return value;
}

std::span<const YamlNode::Member> YamlReader::members(const YamlNode& node,
                                                      std::string_view expected) const {
    if (node.kind != YamlKind::map) {
        unexpected(node, expected);
    }
    return node.members;
}

std::span<const YamlNode* const> YamlReader::items(const YamlNode& node,
                                                   std::string_view expected) const {
    if (node.kind != YamlKind::list) {
        unexpected(node, expected);
    }
    return node.items;
}

std::optional<std::string> YamlReader::text(const YamlNode& node, std::string_view expected) const {
    if (node.kind != YamlKind::scalar || node.text.empty()) {
        unexpected(node, expected);
        return std::nullopt;
    }
    return node.text;
}

std::optional<std::size_t> YamlReader::choice(const YamlNode& node,
                                              std::string_view what,
                                              KnownWords words) const {
    const auto word = std::find(words.begin(), words.end(), node.text);
    if (node.kind != YamlKind::scalar || word == words.end()) {
        problem(node,
                "expected " + std::string(what) + ", got " + what_came(node) +
                    suggestion(node.text, words));
        return std::nullopt;
    }
    return static_cast<std::size_t>(word - words.begin());
}

std::optional<bool> YamlReader::boolean(const YamlNode& node) const {
    const bool is_true = node.text == "true";
    if (node.kind != YamlKind::scalar || node.quoted || (!is_true && node.text != "false")) {
        unexpected(node, "true or false");
        return std::nullopt;
    }
    return is_true;
}

std::optional<Decimal> YamlReader::quoted_decimal(const YamlNode& node) const {
    if (node.kind == YamlKind::scalar && is_bare_number(node)) {
        problem(node,
                "expected a quoted decimal, got a number: write " + shown(node.text) + ", not " +
                    node.text);
        return std::nullopt;
    }
    const Result<Decimal> decimal = Decimal::parse(node.text);
    if (node.kind != YamlKind::scalar || !node.quoted || !decimal.ok()) {
        unexpected(node, "a decimal as a quoted string such as \"0.0480\"");
        return std::nullopt;
    }
    if (decimal.value().scale() > kDecimalsMax) {
        unexpected(node, "at most " + std::to_string(kDecimalsMax) + " decimals");
        return std::nullopt;
    }
    return decimal.value();
}

std::optional<Decimal> YamlReader::decimal(const YamlNode& node, Sign sign) const {
    std::optional<Decimal> decimal = quoted_decimal(node);
    if (!decimal) {
        return std::nullopt;
    }
    if (sign != Sign::any && decimal->is_negative()) {
        unexpected(node, "a decimal that is not negative");
        return std::nullopt;
    }
    if (sign == Sign::positive && decimal->is_zero()) {
        unexpected(node, "a decimal above zero");
        return std::nullopt;
    }
    return decimal;
}

std::optional<Decimal> YamlReader::percentage(const YamlNode& node) const {
    constexpr std::string_view expected = R"(a percentage from "0%" to "100%")";
    const Decimal percent(BigInt(1), /*scale=*/2);
    const std::string_view text = node.text;
    if (node.kind != YamlKind::scalar || !text.ends_with('%')) {
        unexpected(node, expected);
        return std::nullopt;
    }
    const Result<Decimal> number = Decimal::parse(text.substr(0, text.size() - 1));
    if (!number.ok() || number.value().is_negative() || number.value() > Decimal(100) ||
        number.value().scale() > kDecimalsMax) {
        unexpected(node, expected);
        return std::nullopt;
    }
    return number.value() * percent;
}

std::optional<Duration> YamlReader::duration(const YamlNode& node, Sign sign) const {
    const Result<Duration> duration = parse_duration(node.text);
    if (node.kind != YamlKind::scalar || !duration.ok()) {
        unexpected(node, "a duration such as 1us, 5ms, 60s, 1m, 1h or 1d");
        return std::nullopt;
    }
    if (duration.value() > kDurationMax) {
        unexpected(node, "a duration of at most 36500d");
        return std::nullopt;
    }
    if (sign == Sign::positive && duration.value() == Duration{0}) {
        unexpected(node, "a duration above zero");
        return std::nullopt;
    }
    return duration.value();
}

std::optional<Instant> YamlReader::bound(const YamlNode& node, const Zone& zone) const {
    if (node.kind != YamlKind::scalar) {
        unexpected(node, "a date, a month or an RFC 3339 time");
        return std::nullopt;
    }
    Result<Instant> at = parse_bound(node.text, zone);
    if (!at.ok()) {
        problem(node, at.error().message);
        return std::nullopt;
    }
    return at.value();
}

Patterns YamlReader::patterns(const YamlNode& node) const {
    constexpr std::string_view expected = "a word, in which * is a glob, or a list of them";
    Patterns patterns;
    const std::vector<const YamlNode*> one{&node};
    const auto& nodes = node.kind == YamlKind::list ? node.items : one;
    if (nodes.empty()) {
        problem(node, "expected " + std::string(expected) + ", got an empty list");
    }
    for (const YamlNode* each : nodes) {
        std::optional<std::string> pattern = text(*each, expected);
        if (pattern) {
            patterns.push_back(std::move(*pattern));
        }
    }
    return patterns;
}

}  // namespace dcm::rules
