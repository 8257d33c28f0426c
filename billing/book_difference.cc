#include "billing/book_difference.h"

#include "base/check.h"

#include <map>
#include <utility>

namespace dcm::billing {
namespace {

BookSide side_of(const ReportWithOrigin& of) {
    return {.book_digest = of.origin.book_digest,
            .timezone = of.report.timezone,
            .from = of.origin.from,
            .to = of.origin.to,
            .unrated_seconds = of.report.unrated_seconds,
            .total = of.report.total,
            .total_rounded = of.report.total_rounded};
}

}  // namespace

std::vector<GroupKey> difference_keys() {
    return {GroupKey::tenant, GroupKey::meter, GroupKey::rate};
}

BookDifference compare_reports(const ReportWithOrigin& current, const ReportWithOrigin& candidate) {
    DCM_CHECK(current.report.currency == candidate.report.currency);
    BookDifference result{.currency = current.report.currency,
                          .as_of = current.origin.as_of,
                          .log_size = current.origin.log_size,
                          .log_root = current.origin.log_root,
                          .current = side_of(current),
                          .candidate = side_of(candidate),
                          .lines = {},
                          .difference = candidate.report.total - current.report.total};
    std::map<std::vector<std::string>, DifferenceLine> lines;
    for (const ReportLine& line : current.report.lines) {
        DifferenceLine& both = lines[line.keys];
        both.current = line;
        both.difference -= line.cost;
    }
    for (const ReportLine& line : candidate.report.lines) {
        DifferenceLine& both = lines[line.keys];
        both.candidate = line;
        both.difference += line.cost;
    }
    for (auto& [keys, line] : lines) {
        line.tenant = keys.at(0);
        line.meter = keys.at(1);
        line.rate = keys.at(2);
        result.lines.push_back(std::move(line));
    }
    return result;
}

}  // namespace dcm::billing
