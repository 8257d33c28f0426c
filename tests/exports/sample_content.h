#pragma once

#include "exports/publish.h"
#include "tests/focus/sample_lines.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports::testing {

// RFC 3339.
[[nodiscard]] Instant at(std::string_view text);

// A statement of `count` lines at a price per hour, with its rounding: enough to fill buffers.
struct SampleContent {
    explicit SampleContent(std::size_t count);

    [[nodiscard]] PeriodContent content() const;

    billing::StatementOrigin origin;
    std::vector<billing::StatementTotal> totals;
    std::vector<billing::StatementLine> lines;
    std::string log = "example/audit/1";
};

[[nodiscard]] ExportPlan sample_plan(const std::filesystem::path& destination);

// The folder of the plan, which no other process has.
[[nodiscard]] ExportFolder taken(const ExportPlan& plan);

[[nodiscard]] bool go_on(std::int64_t lines);

// The sample in the folder of the plan; throws Failure where the folder or the content is refused.
Published publish(const ExportPlan& plan, const SampleContent& sample);

// The data file of sample_plan and its manifest, from the folder of the export.
inline const std::string kData = "data/BILLING_PERIOD=2026-05/part-00001.csv";
inline const std::string kManifest = "metadata/BILLING_PERIOD=2026-05/manifest.json";

// What export validate finds wrong in a folder.
[[nodiscard]] std::vector<std::string> problems_below(const std::filesystem::path& folder);

// Every file below a folder with its content, by its path from there.
[[nodiscard]] std::map<std::string, std::string> files_below(const std::filesystem::path& folder);

}  // namespace dcm::exports::testing
