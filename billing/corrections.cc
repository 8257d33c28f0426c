#include "billing/corrections.h"

#include "billing/calendar.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace dcm::billing {
namespace {

// What a line says, whoever billed it when.
auto content_of(const StatementLine& line) {
    return std::tie(line.tenant,
                    line.provider,
                    line.service_type,
                    line.instance,
                    line.meter,
                    line.rate,
                    line.state,
                    line.charge.start,
                    line.charge.end,
                    line.billed,
                    line.quantity,
                    line.unit,
                    line.unit_price,
                    line.cost);
}

StatementLine reversal_of(const StatementLine& line) {
    StatementLine reversal = line;
    reversal.kind = StatementLineKind::reversal;
    reversal.billed = Duration{-line.billed.micros};
    reversal.quantity = -line.quantity;
    reversal.cost = -line.cost;
    reversal.corrects = line.line;
    return reversal;
}

// Lines that can replace each other.
auto subject_of(const StatementLine& line) {
    return std::tie(line.service_type, line.instance, line.meter);
}

auto order_of(const StatementLine& line) {
    return std::tuple_cat(
        subject_of(line),
        std::tie(line.charge.start, line.kind, line.corrects, line.tenant, line.rate));
}

Duration overlap(Period left, Period right) {
    const Period both = common_part(left, right);
    return both.end - both.start;
}

// The first of the reversals, which are in order, that it overlaps longest.
std::optional<std::int64_t> replaced_by(const StatementLine& line,
                                        std::span<const StatementLine> reversals) {
    const StatementLine* longest = nullptr;
    Duration length{0};
    for (const StatementLine& reversal : reversals) {
        const Duration shared = overlap(line.charge, reversal.charge);
        if (length < shared) {
            longest = &reversal;
            length = shared;
        }
    }
    return longest == nullptr ? std::nullopt : longest->corrects;
}

}  // namespace

CorrectionFinder::CorrectionFinder(const RatedLines& right)
    : right_(right), stands_(right.size()) {}

void CorrectionFinder::add_standing(const StatementLine& line) {
    const auto found = right_.find(line);
    if (found) {
        StatementLine right;
        right_.fill(*found, right);
        if (content_of(right) == content_of(line)) {
            stands_[*found] = true;
            return;
        }
    }
    reversals_.push_back(reversal_of(line));
}

std::vector<StatementLine> CorrectionFinder::finish() {
    const auto is_before = [](const StatementLine& left, const StatementLine& right) {
        return order_of(left) < order_of(right);
    };
    std::sort(reversals_.begin(), reversals_.end(), is_before);
    std::vector<StatementLine> lines = reversals_;
    for (std::size_t i = 0; i < right_.size(); ++i) {
        if (stands_[i]) {
            continue;
        }
        StatementLine line;
        right_.fill(i, line);
        line.kind = StatementLineKind::correction;
        const auto [first, last] = std::equal_range(
            reversals_.begin(), reversals_.end(), line, [](const auto& left, const auto& right) {
                return subject_of(left) < subject_of(right);
            });
        line.corrects = replaced_by(line, std::span(first, last));
        lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end(), is_before);
    return lines;
}

}  // namespace dcm::billing
