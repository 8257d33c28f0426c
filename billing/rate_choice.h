#pragma once

#include "billing/intervals.h"
#include "billing/names.h"
#include "rules/rulebook.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dcm::billing {

// A stretch of an interval during which one rate of a meter wins and one tenant owns the instance.
struct RatedStretch {
    Period during;
    std::string_view tenant;  // lives as long as the RateChooser
    std::size_t rate = 0;     // index into the book
};

// A stretch in which no meter charges.
struct UnratedStretch {
    Period during;
    std::string_view tenant;
};

struct RateChoice {
    std::vector<RatedStretch> rated;  // by start within each meter
    std::vector<UnratedStretch> unrated;
};

// Finds which rates charge an interval when: per meter the first in file order that matches. The
// book outlives this.
class RateChooser {
public:
    explicit RateChooser(const rules::RuleBook& book);

    // Turns to an instance; `during` covers every interval asked about.
    void begin_instance(const InstanceKey& key, Period during);

    // The stretches of `during`, which lies within the interval and is not empty; good until the
    // next call. Neighbours of a meter with the same rate and tenant are one stretch.
    [[nodiscard]] const RateChoice& choose(const Interval& interval, Period during);

private:
    // The rates of one meter that an interval can meet, in file order.
    using MeterRates = std::vector<std::size_t>;

    [[nodiscard]] const std::vector<MeterRates>& candidates(const Interval& interval);
    void find_cuts(const std::vector<MeterRates>& meters, Period during);
    // The winner of a meter from `at` to the next cut, or the size of the book's rates.
    [[nodiscard]] std::size_t winner(const MeterRates& rates,
                                     const rules::Ownership& owner,
                                     Instant at) const;
    void add_rated(std::size_t meter, const RatedStretch& stretch);
    void add_unrated(const UnratedStretch& stretch);

    const rules::RuleBook& book_;
    std::vector<MeterRates> rates_by_meter_;
    // service type, provider and state → what can match them.
    std::unordered_map<std::string, std::vector<MeterRates>> known_;
    Names tenants_;
    InstanceKey instance_;
    std::vector<rules::Ownership> owners_;
    // Reused between calls.
    std::string key_;
    std::vector<Instant> cuts_;
    std::vector<std::size_t> latest_;  // per meter: 1 + index of its latest stretch, 0 before
    RateChoice choice_;
};

}  // namespace dcm::billing
