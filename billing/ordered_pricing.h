#pragma once

#include "billing/line_names.h"
#include "billing/piled.h"
#include "billing/rated_line.h"

#include <cstdint>
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

    // A line, whole within its month, that waits for its turn. They come in any order.
    void add(const RatedLine& line, Period month);

    // Prices everything in order and visits the parts that are shown.
    void finish(LineCutter& cutter, const LineVisitor& visit);

private:
    struct Waiting {
        LineNumbers names;
        std::uint32_t group = 0;
        Period charge;
        Instant interval_start;
        std::int64_t opened_by = 0;
    };
    struct Group {
        std::string_view tenant;
        std::size_t rate = 0;
        Period month;
    };
    // When a waiting line is priced; small, because there are as many.
    struct Turn {
        std::uint32_t group_rank = 0;
        std::uint32_t waiting = 0;
        Instant start;
    };
    struct Running;

    [[nodiscard]] std::vector<Turn> turns() const;
    void price(const Waiting& waiting,
               Running& running,
               LineCutter& cutter,
               const LineVisitor& visit) const;

    const rules::RuleBook& book_;
    LineNames names_;
    std::map<std::tuple<std::string_view, std::size_t, Instant>, std::uint32_t> group_numbers_;
    std::vector<Group> groups_;
    Piled<Waiting> waiting_;
};

}  // namespace dcm::billing
