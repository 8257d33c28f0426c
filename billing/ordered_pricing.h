#pragma once

#include "billing/names.h"
#include "billing/rated_line.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

namespace dcm::billing {

// Prices the lines of rates with an allowance, tiers or spend limits: per (tenant, rate, month) on
// the running sum, in the order of (start, service type, instance). A rate has one meter.
class OrderedPricing {
public:
    explicit OrderedPricing(const rules::RuleBook& book);

    // A line, whole within its month, that waits for its turn. Instances come in key order.
    void add(const RatedLine& line, Period month);

    // Prices everything in order and visits the parts that are shown.
    void finish(LineCutter& cutter, const LineVisitor& visit);

private:
    struct Waiting {
        std::uint32_t group = 0;
        std::uint32_t service_type = 0;
        std::uint32_t instance = 0;
        std::uint32_t provider = 0;
        std::uint32_t state = 0;
        Period charge;
        Instant interval_start;
        std::int64_t opened_by = 0;
    };
    struct Group {
        std::string_view tenant;
        std::size_t rate = 0;
        Period month;
    };
    struct Turn {
        const Waiting& waiting;
        bool is_last;  // of its group
    };
    struct Running;

    void price(const Turn& turn,
               Running& running,
               LineCutter& cutter,
               const LineVisitor& visit) const;

    const rules::RuleBook& book_;
    Names names_;
    std::map<std::tuple<std::string_view, std::size_t, Instant>, std::uint32_t> group_numbers_;
    std::vector<Group> groups_;
    std::deque<Waiting> waiting_;  // a vector would copy itself while it grows
};

}  // namespace dcm::billing
