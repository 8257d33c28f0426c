#pragma once

#include "base/decimal.h"

#include <string>
#include <vector>

namespace dcm::billing {

// A bar of a chart.
struct ChartBar {
    std::string label;
    Decimal amount;
};

// Bars as SVG, scaled to the largest; each says its exact amount when it is pointed at, and in the
// chart's description. Empty without bars.
[[nodiscard]] std::string chart_svg(const std::vector<ChartBar>& bars, const std::string& unit);

}  // namespace dcm::billing
