#include "exports/content_check.h"

#include "base/shown.h"
#include "billing/formula.h"
#include "focus/rules.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::exports {
namespace {

// What is told of one file; the rest is much the same.
constexpr std::size_t kProblemsMax = 20;

std::size_t place_of(const std::vector<std::string>& columns, std::string_view name) {
    return static_cast<std::size_t>(
        std::distance(columns.begin(), std::find(columns.begin(), columns.end(), name)));
}

std::string member_text(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::vector<ExpectedCell> expected_cells(const Manifest& manifest) {
    if (manifest.format != Format::focus) {
        return {{"period", manifest.period}, {"currency", manifest.currency}};
    }
    const bool is_closed = manifest.state == "closed";
    return {{"BillingCurrency", manifest.currency},
            {"BillingPeriodStart", manifest.period_start},
            {"BillingPeriodEnd", manifest.period_end},
            {"InvoiceId", is_closed ? manifest.period + '/' : "", is_closed}};
}

ContentCheck::ContentCheck(Format format,
                           std::vector<std::string> columns,
                           std::vector<ExpectedCell> expected)
    : format_(format),
      columns_(std::move(columns)),
      tenant_(place_of(columns_, format == Format::focus ? "BillingAccountId" : "tenant")),
      cost_(place_of(columns_, format == Format::focus ? "BilledCost" : "cost")),
      conformance_(focus::rules_1_2()),
      csv_([this](std::span<const focus::CsvCell> cells) {
          has_header_ ? read_record(cells) : read_header(cells);
      }) {
    bind(std::move(expected));
}

// A column that is not there is told by the header.
void ContentCheck::bind(std::vector<ExpectedCell> expected) {
    for (ExpectedCell& cell : expected) {
        const std::size_t place = place_of(columns_, cell.column);
        if (place < columns_.size()) {
            cells_.push_back({std::move(cell), place});
        }
    }
}

void ContentCheck::compare(BoundCell& cell, std::string_view found) {
    const std::string& expected = cell.expected.text;
    const bool is_so = cell.expected.is_beginning ? found.starts_with(expected) : found == expected;
    if (is_so || cell.is_told) {
        return;
    }
    cell.is_told = true;
    problem("row " + std::to_string(found_.rows) + ": expected " + (expected.empty() ? "no " : "") +
            cell.expected.column + (expected.empty() ? "" : ' ' + shown(expected)) +
            ", as the manifest says, got " + shown(found));
}

void ContentCheck::read(std::string_view bytes) {
    if (format_ == Format::jsonl) {
        read_json_lines(bytes);
    } else {
        csv_.read(bytes);
    }
}

CheckedContent ContentCheck::finish() {
    if (format_ == Format::jsonl) {
        if (!cut_line_.empty()) {
            problem("expected a line feed at the end");
        }
        return std::move(found_);
    }
    csv_.finish();
    if (!csv_.fault().empty()) {
        problem(csv_.fault());
    } else if (!has_header_) {
        problem("expected a header, the file is empty");
    }
    if (format_ == Format::focus) {
        for (const focus::Finding& finding : conformance_.findings()) {
            (finding.is_advice ? found_.advice : found_.problems).push_back(finding_text(finding));
        }
    }
    return std::move(found_);
}

void ContentCheck::read_header(std::span<const focus::CsvCell> cells) {
    has_header_ = true;
    std::vector<std::string> names;
    for (const focus::CsvCell& cell : cells) {
        names.emplace_back(cell.text);
    }
    if (names != columns_) {
        problem("header: expected the columns of the manifest");
    }
    columns_ = names;
    std::vector<BoundCell> bound = std::move(cells_);
    cells_.clear();
    for (BoundCell& cell : bound) {
        bind({std::move(cell.expected)});
    }
    if (format_ == Format::focus) {
        conformance_.header(cells);
    }
}

void ContentCheck::read_record(std::span<const focus::CsvCell> cells) {
    ++found_.rows;
    if (cells.size() != columns_.size()) {
        problem("row " + std::to_string(found_.rows) + ": expected " +
                std::to_string(columns_.size()) + " cells, got " + std::to_string(cells.size()));
        return;
    }
    if (format_ == Format::focus) {
        conformance_.row(cells);
    }
    for (BoundCell& cell : cells_) {
        compare(cell, cells[cell.place].text);
    }
    if (std::max(tenant_, cost_) < cells.size()) {
        count({cells[tenant_].text, cells[cost_].text});
    }
}

void ContentCheck::read_json_lines(std::string_view bytes) {
    std::size_t end = 0;
    while ((end = bytes.find('\n')) != std::string_view::npos) {
        if (cut_line_.empty()) {
            read_json(bytes.substr(0, end));
        } else {
            cut_line_ += bytes.substr(0, end);
            read_json(cut_line_);
            cut_line_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    cut_line_ += bytes;
    if (cut_line_.size() > focus::CsvReader::kRecordBytesMax) {
        problem("line " + std::to_string(found_.rows + 1) + ": expected at most " +
                std::to_string(focus::CsvReader::kRecordBytesMax) + " bytes");
        cut_line_.clear();
    }
}

void ContentCheck::read_json(std::string_view line) {
    ++found_.rows;
    const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) {
        problem("line " + std::to_string(found_.rows) + ": expected a JSON object, got " +
                shown(line));
        return;
    }
    for (const std::string& name : columns_) {
        if (!object.contains(name)) {
            problem("line " + std::to_string(found_.rows) + ": expected the member " + shown(name));
        }
    }
    for (BoundCell& cell : cells_) {
        compare(cell, member_text(object, cell.expected.column.c_str()));
    }
    const std::string tenant = member_text(object, "tenant");
    const std::string cost = member_text(object, "cost");
    count({tenant, cost});
}

void ContentCheck::count(const Amount& amount) {
    const Result<Decimal> cost = Decimal::parse(amount.cost);
    if (!cost.ok()) {
        problem("row " + std::to_string(found_.rows) + ": " + cost.error().message);
        return;
    }
    if (latest_ == nullptr || latest_->tenant != amount.tenant) {
        latest_ = &found_.totals.try_emplace(std::string(amount.tenant)).first->second;
        latest_->tenant = amount.tenant;
    }
    latest_->total += cost.value();
    ++latest_->rows;
}

void ContentCheck::problem(const std::string& text) {
    if (found_.problems.size() < kProblemsMax) {
        found_.problems.push_back(text);
    }
}

std::string written_tenant(Format format, const std::string& tenant) {
    return format == Format::lines && billing::reads_as_formula(tenant) ? '\'' + tenant : tenant;
}

void check_totals(Format format, const std::vector<ControlTotal>& promised, CheckedContent& found) {
    // Two tenants that are written alike, as `=x` and `'=x` in `lines`, are one there.
    std::map<std::string, ControlTotal> expected;
    for (const ControlTotal& total : promised) {
        ControlTotal& sum = expected[written_tenant(format, total.tenant)];
        sum.tenant += (sum.tenant.empty() ? "" : ", ") + shown(total.tenant);
        sum.total += total.total;
        sum.rows += total.rows;
    }
    std::map<std::string, ControlTotal> left = found.totals;
    for (const auto& [written, total] : expected) {
        const auto node = left.extract(written);
        const ControlTotal sum = node ? node.mapped() : ControlTotal{};
        if (!(sum.total == total.total) || sum.rows != total.rows) {
            found.problems.push_back("expected " + std::to_string(total.rows) + " rows of " +
                                     total.tenant + " with " + total.total.to_string() +
                                     " in all, got " + std::to_string(sum.rows) + " with " +
                                     sum.total.to_string());
        }
    }
    for (const auto& [tenant, sum] : left) {
        found.problems.push_back("expected no row of " + shown(tenant) +
                                 ", which has no statement, got " + std::to_string(sum.rows));
    }
}

}  // namespace dcm::exports
