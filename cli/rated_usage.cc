#include "cli/rated_usage.h"

#include "audit/tree.h"

#include <algorithm>

namespace dcm::cli {

billing::LineFilter line_filter(const FilterOptions& filters) {
    return {absent_if_empty(filters.service_type),
            absent_if_empty(filters.provider),
            absent_if_empty(filters.instance),
            absent_if_empty(filters.tenant),
            absent_if_empty(filters.state)};
}

std::vector<billing::GroupKey> group_keys(const std::string& text) {
    Result<std::vector<billing::GroupKey>> keys = billing::parse_group_by(text);
    if (!keys.ok()) {
        throw Failure(ErrorKind::usage, keys.error().message);
    }
    return std::move(keys).value();
}

Period shown_period(const Bounds& bounds, const store::UsageReader& reader) {
    const Instant end = bounds.to.value_or(bounds.as_of);
    if (bounds.from) {
        return {*bounds.from, std::max(*bounds.from, end)};
    }
    return {std::min(reader.earliest_start().value_or(end), end), end};
}

billing::ReportOrigin origin_of(const store::LogReader& snapshot,
                                const Book& book,
                                const Bounds& bounds) {
    const store::LogHead head = snapshot.head();
    const audit::Frontier tree = value_or_throw(audit::Frontier::restore(head.size, head.frontier));
    return {bounds.from,
            bounds.to,
            bounds.as_of,
            book.digest,
            head.size,
            audit::to_base64(tree.root())};
}

}  // namespace dcm::cli
