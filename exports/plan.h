#pragma once

#include "exports/compression.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::exports {

enum class Format {
    focus,  // the FOCUS Cost and Usage table as CSV
    lines,  // statement lines as CSV
    jsonl,  // statement lines as JSON Lines
};
[[nodiscard]] std::string_view format_name(Format format);
[[nodiscard]] std::optional<Format> find_format(std::string_view name);

// An entry of `exports:` in the configuration.
struct ExportPlan {
    std::string name;  // also the name of its folder: is_export_name
    Format format = Format::focus;
    Compression compression = Compression::gzip;
    bool open_periods = true;    // refreshed with each run
    bool closed_periods = true;  // written once
    std::string schedule;        // as written; empty: by hand only
    std::filesystem::path destination;
    std::size_t keep = 0;  // periods; 0: all
};

// `[a-z0-9][a-z0-9_-]{0,62}`
[[nodiscard]] bool is_export_name(std::string_view name);

// `BILLING_PERIOD=2026-05`, as loaders of partitioned tables expect it.
[[nodiscard]] std::string period_folder_name(std::string_view period);
// The period of such a name.
[[nodiscard]] std::optional<std::string> period_of_folder(std::string_view name);
// `part-00001.csv.gz`
[[nodiscard]] std::string part_name(Format format, Compression compression);

inline constexpr const char* kDataFolder = "data";
inline constexpr const char* kMetadataFolder = "metadata";
inline constexpr const char* kStagingFolder = ".staging";
inline constexpr const char* kManifestName = "manifest.json";
inline constexpr std::string_view kPartPrefix = "part-";

}  // namespace dcm::exports
