#include "billing/html_chart.h"

#include "billing/html_text.h"

#include <algorithm>
#include <cstdint>

namespace dcm::billing {
namespace {

constexpr std::int64_t kWidth = 960;
constexpr std::int64_t kHeight = 240;
constexpr std::int64_t kLabelHeight = 24;
constexpr unsigned kPixelDecimals = 2;
// So many labels fit below the bars.
constexpr std::size_t kLabelsMax = 12;

// The range of amounts that a chart shows; zero is in it.
struct Range {
    Decimal least;
    Decimal largest;
};

Range range_of(const std::vector<ChartBar>& bars) {
    Range range;
    for (const ChartBar& bar : bars) {
        range.least = std::min(range.least, bar.amount);
        range.largest = std::max(range.largest, bar.amount);
    }
    if (range.least == range.largest) {
        range.largest = Decimal(1);
    }
    return range;
}

// How far below the upper edge an amount is.
Decimal depth_of(const Range& range, const Decimal& amount) {
    return divide((range.largest - amount) * Decimal(kHeight),
                  range.largest - range.least,
                  kPixelDecimals,
                  Rounding::half_even);
}

Decimal across(std::size_t place, std::size_t count) {
    return divide(Decimal(static_cast<std::int64_t>(place) * kWidth),
                  Decimal(static_cast<std::int64_t>(count)),
                  kPixelDecimals,
                  Rounding::half_even);
}

std::string bar_svg(const ChartBar& bar, const Range& range, const std::string& unit) {
    const Decimal zero = depth_of(range, Decimal());
    const Decimal end = depth_of(range, bar.amount);
    return " y=\"" + std::min(zero, end).to_string() + "\" height=\"" +
           (std::max(zero, end) - std::min(zero, end)).to_string() + "\"><title>" +
           html_text(bar.label + ": " + bar.amount.to_string() + ' ' + unit) + "</title></rect>\n";
}

}  // namespace

std::string chart_svg(const std::vector<ChartBar>& bars, const std::string& unit) {
    if (bars.empty()) {
        return "";
    }
    const Range range = range_of(bars);
    const std::size_t labelled = (bars.size() + kLabelsMax - 1) / kLabelsMax;
    std::string out = "<svg viewBox=\"0 0 " + std::to_string(kWidth) + ' ' +
                      std::to_string(kHeight + kLabelHeight) +
                      "\" role=\"img\" aria-label=\"Cost by day\">\n";
    std::string labels;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const Decimal left = across(i, bars.size());
        const Decimal gap =
            divide(across(1, bars.size()), Decimal(10), kPixelDecimals, Rounding::half_even);
        const Decimal width = across(i + 1, bars.size()) - left - gap;
        out += R"(<rect class="bar" x=")" + left.to_string() + "\" width=\"" + width.to_string() +
               '"' + bar_svg(bars[i], range, unit);
        if (i % labelled == 0) {
            labels += "<text x=\"" + left.to_string() + "\" y=\"" +
                      std::to_string(kHeight + kLabelHeight - 6) + "\">" +
                      html_text(bars[i].label) + "</text>\n";
        }
    }
    const std::string zero = depth_of(range, Decimal()).to_string();
    return out + R"(<line class="zero" x1="0" x2=")" + std::to_string(kWidth) + "\" y1=\"" + zero +
           "\" y2=\"" + zero + "\"/>\n" + labels + "</svg>\n";
}

}  // namespace dcm::billing
