#pragma once

#include "billing/intervals.h"
#include "rules/rulebook.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// What rates are held against: an interval of an instance, at an instant.
struct RateQuestion {
    const InstanceKey& key;
    const Interval& interval;
    const rules::Ownership& owner;  // at that instant
    Instant at;
};

// Why a rate does not match: the member of the rate, and the words for it.
struct Mismatch {
    std::string member;  // `match.state`, `match.labels.flavor`, `valid_from`
    std::string words;   // `state is STOPPED, not RUNNING`

    bool operator==(const Mismatch&) const = default;
};

// Empty when the rate matches.
[[nodiscard]] std::vector<Mismatch> mismatches(const rules::Rate& rate,
                                               const RateQuestion& question);

struct RejectedRate {
    std::size_t rate = 0;  // index into the book
    std::vector<Mismatch> mismatches;
};

// How one meter chooses: in file order, up to the first rate that matches.
struct MeterChoice {
    std::string meter;
    std::vector<RejectedRate> rejected;
    std::optional<std::size_t> rate;
};

// Every meter of the book, in the order in which the book mentions them.
[[nodiscard]] std::vector<MeterChoice> meter_choices(const rules::RuleBook& book,
                                                     const RateQuestion& question);

}  // namespace dcm::billing
