#include "billing/html_chart.h"

#include "billing/html_text.h"

#include <algorithm>
#include <cstdint>

namespace dcm::billing {
namespace {

constexpr std::int64_t kWidth = 960;
constexpr std::int64_t kHeight = 240;
constexpr std::int64_t kLabelHeight = 32;
constexpr unsigned kPixelDecimals = 2;
// So wide is a character at most, on a narrow screen, where labels are twice as large.
constexpr std::int64_t kCharacterWidth = 16;
constexpr std::int64_t kLabelGap = 8;
// What centres a text on a line.
constexpr std::int64_t kHalfLetter = 4;
// So many labels fit below the bars.
constexpr std::size_t kLabelsMax = 5;
constexpr std::int64_t kStepsMax = 6;
// No amount that is told apart is smaller.
constexpr unsigned kStepDecimalsMax = 60;

// The range of amounts that a chart shows; zero is in it.
struct AmountRange {
    Decimal least;
    Decimal largest;
};

// Where bars are: right of the scale's labels.
struct Plot {
    AmountRange range;
    std::int64_t left = 0;
    std::size_t bars = 0;
};

AmountRange range_of(const std::vector<ChartBar>& bars) {
    AmountRange range;
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
Decimal depth_of(const AmountRange& range, const Decimal& amount) {
    return divide((range.largest - amount) * Decimal(kHeight),
                  range.largest - range.least,
                  kPixelDecimals,
                  Rounding::half_even);
}

// How far from the left edge the bar of this place, counted in halves, begins.
Decimal across(const Plot& plot, std::size_t halves) {
    return Decimal(plot.left) +
           divide(Decimal(static_cast<std::int64_t>(halves) * (kWidth - plot.left)),
                  Decimal(static_cast<std::int64_t>(2 * plot.bars)),
                  kPixelDecimals,
                  Rounding::half_even);
}

std::string text_svg(const std::string& anchor, const Decimal& x, const Decimal& y) {
    return "<text class=\"" + anchor + "\" x=\"" + x.to_string() + "\" y=\"" + y.to_string() +
           "\">";
}

std::string scale_line_svg(const Plot& plot, const Decimal& amount) {
    const Decimal depth = depth_of(plot.range, amount);
    const std::string at = depth.to_string();
    return std::string("<line class=\"") + (amount.is_zero() ? "zero" : "grid") + "\" x1=\"" +
           std::to_string(plot.left) + "\" x2=\"" + std::to_string(kWidth) + "\" y1=\"" + at +
           "\" y2=\"" + at + "\"/>\n" +
           text_svg("end", Decimal(plot.left - kLabelGap), depth + Decimal(kHalfLetter)) +
           amount.to_string() + "</text>\n";
}

std::string bar_svg(const Plot& plot,
                    std::size_t place,
                    const ChartBar& bar,
                    const std::string& unit) {
    const Decimal left = across(plot, 2 * place);
    const Decimal next = across(plot, 2 * place + 2);
    const Decimal gap = divide(next - left, Decimal(10), kPixelDecimals, Rounding::half_even);
    const Decimal zero = depth_of(plot.range, Decimal());
    const Decimal end = depth_of(plot.range, bar.amount);
    return R"(<rect class="bar" x=")" + left.to_string() + "\" width=\"" +
           (next - left - gap).to_string() + "\" y=\"" + std::min(zero, end).to_string() +
           "\" height=\"" + (std::max(zero, end) - std::min(zero, end)).to_string() + "\"><title>" +
           html_text(bar.label + ": " + bar.amount.to_string() + ' ' + unit) + "</title></rect>\n";
}

std::string label_svg(const Decimal& middle, const std::string& label) {
    return text_svg("middle", middle, Decimal(kHeight + kLabelHeight - kHalfLetter)) +
           html_text(label) + "</text>\n";
}

// Below the middle of every so many bars; one that would not fit is left out.
std::string labels_svg(const Plot& plot, const std::vector<ChartBar>& bars) {
    const std::size_t step = (bars.size() + kLabelsMax - 1) / kLabelsMax;
    std::string out;
    for (std::size_t i = 0; i < bars.size(); i += step) {
        const Decimal middle = across(plot, 2 * i + 1);
        const auto half = static_cast<std::int64_t>(bars[i].label.size()) * kCharacterWidth / 2;
        if (middle + Decimal(half) <= Decimal(kWidth + kLabelHeight)) {
            out += label_svg(middle, bars[i].label);
        }
    }
    return out;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): from the least to the largest.
std::vector<Decimal> scale_of(const Decimal& least, const Decimal& largest) {
    const Decimal range = largest - least;
    Decimal step(BigInt(1), kStepDecimalsMax);
    for (std::size_t place = 0; step * Decimal(kStepsMax) < range; ++place) {
        // 1, 2, 5, 10: twice as much, but for the step from 2 to 5.
        step = place % 3 == 1
                   ? divide(step * Decimal(5), Decimal(2), kStepDecimalsMax, Rounding::half_even)
                   : step + step;
    }
    std::vector<Decimal> scale;
    for (Decimal down = -step; least <= down; down -= step) {
        scale.push_back(down);
    }
    std::reverse(scale.begin(), scale.end());
    for (Decimal up; up <= largest; up += step) {
        scale.push_back(up);
    }
    return scale;
}

std::string chart_svg(const std::vector<ChartBar>& bars, const std::string& unit) {
    if (bars.empty()) {
        return "";
    }
    Plot plot{range_of(bars), 0, bars.size()};
    const std::vector<Decimal> scale = scale_of(plot.range.least, plot.range.largest);
    std::size_t longest = 0;
    for (const Decimal& amount : scale) {
        longest = std::max(longest, amount.to_string().size());
    }
    plot.left = static_cast<std::int64_t>(longest) * kCharacterWidth + kLabelGap;
    std::string out = "<svg viewBox=\"0 0 " + std::to_string(kWidth) + ' ' +
                      std::to_string(kHeight + kLabelHeight) +
                      "\" role=\"img\" aria-label=\"Cost by day\">\n";
    for (const Decimal& amount : scale) {
        out += scale_line_svg(plot, amount);
    }
    for (std::size_t i = 0; i < bars.size(); ++i) {
        out += bar_svg(plot, i, bars[i], unit);
    }
    return out + labels_svg(plot, bars) + "</svg>\n";
}

}  // namespace dcm::billing
