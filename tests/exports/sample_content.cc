#include "tests/exports/sample_content.h"

#include "base/check.h"
#include "exports/validate.h"

#include <fstream>
#include <iterator>

namespace dcm::exports::testing {
namespace {

billing::StatementLine rounding_of(const billing::StatementTotal& total, const Period& during) {
    billing::StatementLine line = focus::testing::sample_lines().back();
    line.tenant = total.tenant;
    line.line = total.line_end - 1;
    line.charge = during;
    line.cost = total.total_rounded - total.total;
    return line;
}

}  // namespace

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

SampleContent::SampleContent(std::size_t count) {
    origin.period = "2026-05";
    origin.during = focus::testing::sample_period(/*is_closed=*/true).span;
    origin.timezone = "Europe/Berlin";
    origin.currency = "EUR";
    origin.book_digest = "sha256:" + std::string(64, '0');
    origin.log_size = 100;
    origin.log_root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    if (count == 0) {
        return;
    }
    billing::StatementTotal total{"acme", {}, {}, 1, 1};
    const billing::StatementLine usage = focus::testing::sample_lines().front();
    for (std::size_t i = 0; i < count; ++i) {
        billing::StatementLine& line = lines.emplace_back(usage);
        line.tenant = total.tenant;
        line.line = total.line_end++;
        line.instance = "web-" + std::to_string(i);
        line.quantity = Decimal(static_cast<std::int64_t>(i));
        line.cost = line.quantity * *line.unit_price;
        total.total += line.cost;
    }
    total.total_rounded = total.total.rounded(2, Rounding::half_up);
    ++total.line_end;
    lines.push_back(rounding_of(total, origin.during));
    totals.push_back(total);
}

PeriodContent SampleContent::content() const {
    return {origin,
            totals,
            [this](const billing::StatementVisitor& visit) {
                for (const billing::StatementLine& line : lines) {
                    visit(line);
                }
            },
            "Example Cloud",
            parse_rfc3339("2026-05-20T10:00:00Z").value(),
            log + '\n' + std::to_string(origin.log_size) + '\n' + origin.log_root +
                "\n\n\u2014 example c2lnbmF0dXJl\n"};
}

ExportPlan sample_plan(const std::filesystem::path& destination) {
    ExportPlan plan;
    plan.name = "finance";
    plan.compression = Compression::none;
    plan.destination = destination;
    return plan;
}

ExportFolder taken(const ExportPlan& plan) {
    std::optional<ExportFolder> folder = ExportFolder::take(plan);
    DCM_CHECK(folder.has_value());
    return *std::move(folder);
}

bool go_on(std::int64_t /*lines*/) {
    return true;
}

Published publish(const ExportPlan& plan, const SampleContent& sample) {
    return value_or_throw(taken(plan).publish(sample.content(), go_on));
}

std::vector<std::string> problems_below(const std::filesystem::path& folder) {
    std::vector<std::string> problems;
    validate_exports(folder, [&problems](const ValidatedPeriod& found) {
        problems.insert(problems.end(), found.problems.begin(), found.problems.end());
    });
    return problems;
}

std::map<std::string, std::string> files_below(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(folder)) {
        return files;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            std::ifstream file(entry.path(), std::ios::binary);
            files[std::filesystem::relative(entry.path(), folder).string()] =
                std::string((std::istreambuf_iterator<char>(file)), {});
        }
    }
    return files;
}

}  // namespace dcm::exports::testing
