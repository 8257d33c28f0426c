#include "billing/comparison.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

constexpr unsigned kPercentDigits = 2;
constexpr std::int64_t kPercent = 100;

ReportLine nothing_under(const std::vector<std::string>& keys) {
    return {keys, {}, {}, {}};
}

void add_line(Comparison& comparison, ReportLine line, ReportLine other) {
    Difference difference = difference_of(line.cost, other.cost);
    comparison.lines.push_back({std::move(line), std::move(other), std::move(difference)});
}

}  // namespace

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as in a subtraction.
Difference difference_of(const Decimal& amount, const Decimal& other) {
    Difference difference{amount - other, std::nullopt};
    if (!other.is_zero()) {
        difference.percent = divide(difference.amount * Decimal(kPercent),
                                    other.is_negative() ? -other : other,
                                    kPercentDigits,
                                    Rounding::half_up);
    }
    return difference;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as in a subtraction.
Comparison compare_periods(Report report, Report other) {
    DCM_CHECK(report.group_by == other.group_by);
    Comparison comparison;
    auto line = report.lines.cbegin();
    auto against = other.lines.cbegin();
    while (line != report.lines.cend() || against != other.lines.cend()) {
        const bool is_here = line != report.lines.cend() &&
                             (against == other.lines.cend() || line->keys <= against->keys);
        const bool is_there = against != other.lines.cend() &&
                              (line == report.lines.cend() || against->keys <= line->keys);
        const std::vector<std::string>& keys = is_here ? line->keys : against->keys;
        add_line(comparison,
                 is_here ? *line : nothing_under(keys),
                 is_there ? *against : nothing_under(keys));
        line += is_here ? 1 : 0;
        against += is_there ? 1 : 0;
    }
    comparison.difference = difference_of(report.total, other.total);
    comparison.report = std::move(report);
    comparison.other = std::move(other);
    return comparison;
}

std::optional<GroupKey> key_of_time(const std::vector<GroupKey>& keys) {
    const auto found = std::find_if(keys.begin(), keys.end(), [](GroupKey key) {
        return key == GroupKey::day || key == GroupKey::month;
    });
    return found == keys.end() ? std::nullopt : std::optional(*found);
}

}  // namespace dcm::billing
