#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "base/zone.h"
#include "rules/lifecycle.h"
#include "rules/resources.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

enum class Unit { second, minute, hour, day, month };
[[nodiscard]] std::string_view unit_name(Unit unit);

// Patterns of which any may match; `*` in a pattern matches any run of characters. Empty: matches
// everything.
using Patterns = std::vector<std::string>;
// The text may be a pattern itself: then whether one of `patterns` matches all that it matches.
[[nodiscard]] bool matches_any(const Patterns& patterns, std::string_view text);

// Every member must match.
struct Match {
    Patterns service_type;
    Patterns state;
    Patterns provider;
    Patterns instance;
    Patterns tenant;
    std::map<std::string, Patterns, std::less<>> labels;
};

enum class TierMode { graduated, volume, package };

struct TierStep {
    std::optional<Decimal> up_to;  // inclusive; absent on the last step
    Decimal price;
    Decimal flat;  // charged once when the step is reached
};

struct Tiers {
    TierMode mode = TierMode::graduated;
    std::vector<TierStep> steps;  // graduated and volume; never empty there
    Decimal package_size;         // package
    Decimal package_price;        // package
};

// A price with its conditions. Exactly one of price and tiers is set.
struct Rate {
    std::string id;
    std::string meter = "usage";
    Match match;
    std::optional<Instant> valid_from;  // inclusive
    std::optional<Instant> valid_to;    // exclusive
    std::optional<Decimal> price;
    std::optional<Tiers> tiers;
    Unit unit = Unit::hour;
    Duration granularity{1};
    Duration minimum{0};
    Decimal free;      // units per tenant and period
    Decimal discount;  // a fraction: "12.5%" is 0.125
    std::optional<Decimal> minimum_spend;
    std::optional<Decimal> maximum_spend;
};

// One event of an embedded case; the time and status are as a publisher would send them.
struct CaseEvent {
    Instant time;
    std::string status;
};

// An example a book carries, run by `rules test`.
struct Case {
    std::string name;
    std::string service_type;
    std::string provider;
    std::string instance;  // whose entries in resource files hold; empty: none
    std::vector<CaseEvent> events;
    CivilDate period;                           // its month
    std::map<std::string, std::string> expect;  // meter → cost as written
};

struct RuleBook {
    std::string currency;
    Zone zone = Zone::utc();
    std::string issuer;
    Lifecycle lifecycle;
    // Source → longest silence before an open interval is doubtful.
    std::map<std::string, Duration, std::less<>> heartbeats;
    ResourceTable resources;
    std::vector<Rate> rates;  // in file order
    std::vector<Case> cases;
};

// Digits after the point of the currency's minor unit (ISO 4217); nullopt for an unknown currency.
[[nodiscard]] std::optional<unsigned> minor_unit_digits(std::string_view currency);

// Every code that minor_unit_digits knows.
[[nodiscard]] std::vector<std::string> currency_codes();

}  // namespace dcm::rules
