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

// Bars as SVG on a scale of round amounts; each says its exact amount when it is pointed at. Empty
// without bars.
[[nodiscard]] std::string chart_svg(const std::vector<ChartBar>& bars, const std::string& unit);

// A line across the chart at each multiple of a step of 1, 2 or 5 times a power of ten: at most
// seven, from the lowest up.
[[nodiscard]] std::vector<Decimal> scale_of(const Decimal& least, const Decimal& largest);

}  // namespace dcm::billing
