#include "cli/filters.h"

namespace dcm::cli {

bool is_wanted(const std::string& wanted, std::string_view found) {
    return wanted.empty() || wanted == found;
}

std::optional<std::string> absent_if_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): an option and its value.
Instant resolve_instant(const std::string& name, const std::string& text, const Zone& zone) {
    if (const Result<Instant> at = parse_rfc3339(text); at.ok()) {
        return at.value();
    }
    if (const Result<CivilDate> date = parse_date(text); date.ok()) {
        return zone.start_of(date.value());
    }
    if (const Result<CivilDate> month = parse_month(text); month.ok()) {
        return zone.start_of(month.value());
    }
    throw Failure(ErrorKind::usage,
                  "expected " + name +
                      " as an RFC 3339 time, a date such as 2026-05-01 or a month "
                      "such as 2026-05, got \"" +
                      text + '"');
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): an option and its value.
CivilDate resolve_month(const std::string& name, const std::string& text) {
    const Result<CivilDate> month = parse_month(text);
    if (!month.ok()) {
        throw Failure(ErrorKind::usage,
                      "expected " + name + " as a month such as 2026-05, got \"" + text + '"');
    }
    return month.value();
}

void add_instance_filters(CLI::App& command, FilterOptions& options) {
    command.add_option("--service-type", options.service_type, "Only this service type")
        ->type_name("TYPE");
    command.add_option("--provider", options.provider, "Only this provider")->type_name("NAME");
    command.add_option("--instance", options.instance, "Only this instance")->type_name("ID");
}

void add_time_filters(CLI::App& command, FilterOptions& options) {
    command.add_option("--from", options.from, "From this time on: RFC 3339, a date or YYYY-MM")
        ->type_name("TIME");
    command.add_option("--to", options.to, "Until this time, exclusive")->type_name("TIME");
    command.add_option("--period", options.period, "A billing month, YYYY-MM")
        ->type_name("MONTH")
        ->excludes("--from")
        ->excludes("--to");
    command.add_option("--as-of", options.as_of, "Where open intervals are cut; default: now")
        ->type_name("TIME");
    command.add_option("--tenant", options.tenant, "Only this tenant")->type_name("NAME");
    command.add_option("--state", options.state, "Only this state")->type_name("STATE");
}

Bounds resolve_bounds(const FilterOptions& options, const Zone& zone, Instant now) {
    Bounds bounds;
    bounds.as_of = options.as_of.empty() ? now : resolve_instant("--as-of", options.as_of, zone);
    if (!options.period.empty()) {
        const CivilDate month = resolve_month("--period", options.period);
        bounds.from = zone.start_of(month);
        bounds.to = zone.start_of(next_month(month));
    }
    if (!options.from.empty()) {
        bounds.from = resolve_instant("--from", options.from, zone);
    }
    if (!options.to.empty()) {
        bounds.to = resolve_instant("--to", options.to, zone);
    }
    if (bounds.from && bounds.to && *bounds.to < *bounds.from) {
        throw Failure(ErrorKind::usage,
                      "expected --to not before --from, got " + format_rfc3339(*bounds.from) +
                          " to " + format_rfc3339(*bounds.to));
    }
    return bounds;
}

store::InstanceFilter instance_filter(const FilterOptions& options) {
    return {absent_if_empty(options.service_type), absent_if_empty(options.instance)};
}

}  // namespace dcm::cli
