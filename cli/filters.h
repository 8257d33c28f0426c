#pragma once

#include "base/instant.h"
#include "base/zone.h"
#include "store/usage_reader.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dcm::cli {

// The filters as typed; an empty text narrows nothing.
struct FilterOptions {
    std::string from;
    std::string to;
    std::string period;
    std::string as_of;
    std::string service_type;
    std::string provider;
    std::string instance;
    std::string tenant;
    std::string state;
};

// Whether what was found passes a filter.
[[nodiscard]] bool is_wanted(const std::string& wanted, std::string_view found);
[[nodiscard]] std::optional<std::string> absent_if_empty(const std::string& text);

void add_instance_filters(CLI::App& command, FilterOptions& options);
void add_time_filters(CLI::App& command, FilterOptions& options);

// RFC 3339, or the first instant of a date or month in the zone. `name` is the option's, for the
// Failure (usage) about anything else.
[[nodiscard]] Instant resolve_instant(const std::string& name,
                                      const std::string& text,
                                      const Zone& zone);

// A month such as 2026-05, the same way.
[[nodiscard]] CivilDate resolve_month(const std::string& name, const std::string& text);

// The stretch of time asked for; an absent bound is open.
struct Bounds {
    std::optional<Instant> from;
    std::optional<Instant> to;
    Instant as_of;
};

// Reads the time filters in the book's zone: RFC 3339, a date, or YYYY-MM; `--to` is exclusive.
// Throws Failure (usage) that says what was expected and what came.
[[nodiscard]] Bounds resolve_bounds(const FilterOptions& options, const Zone& zone, Instant now);

[[nodiscard]] store::InstanceFilter instance_filter(const FilterOptions& options);

}  // namespace dcm::cli
