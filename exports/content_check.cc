#include "exports/content_check.h"

#include "base/shown.h"
#include "billing/formula.h"
#include "exports/charge_check.h"
#include "exports/line_check.h"
#include "focus/rules.h"
#include "focus/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace dcm::exports {
namespace {

// What is told of one file; the rest is much the same.
constexpr std::size_t kProblemsMax = 20;

std::size_t place_of(const std::vector<std::string>& columns, std::string_view name) {
    return static_cast<std::size_t>(
        std::distance(columns.begin(), std::find(columns.begin(), columns.end(), name)));
}

// As the manifest has it; where it is no time, that is told with the manifest.
std::optional<Period> period_of(const Manifest& manifest) {
    const Result<Instant> start = parse_rfc3339(manifest.period_start);
    const Result<Instant> end = parse_rfc3339(manifest.period_end);
    return start.ok() && end.ok() ? std::optional(Period{start.value(), end.value()})
                                  : std::nullopt;
}

// Numbers that are numbers in JSON, too; everything else is text, and what has no value is null.
constexpr std::array<std::string_view, 2> kNumberMembers{"line", "corrects"};

// The member as a cell; nullopt where it is of another kind than it ought to be.
std::optional<std::string> cell_of(const nlohmann::json& value, std::string_view name) {
    if (value.is_null()) {
        return "";
    }
    const bool is_number =
        std::find(kNumberMembers.begin(), kNumberMembers.end(), name) != kNumberMembers.end();
    if (is_number) {
        return value.is_number_integer() ? std::optional(value.dump()) : std::nullopt;
    }
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

// Numbers may have a sign in front.
bool is_bare_formula(std::string_view cell) {
    return billing::reads_as_formula(cell) && !Decimal::parse(cell).ok();
}

// An object, and how often it names a member.
struct ReadObject {
    nlohmann::json object;
    std::size_t members = 0;
};

ReadObject read_object(std::string_view line) {
    ReadObject read;
    read.object = nlohmann::json::parse(
        line,
        [&read](int depth, nlohmann::json::parse_event_t event, const nlohmann::json& /*value*/) {
            read.members += depth == 1 && event == nlohmann::json::parse_event_t::key ? 1 : 0;
            return true;
        },
        /*allow_exceptions=*/false);
    return read;
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

std::vector<std::string> expected_columns(Format format) {
    return format == Format::focus ? focus::column_names(focus::focus_1_2()) : LineCheck::columns();
}

ContentCheck::ContentCheck(Format format) : ContentCheck(format, {}, std::nullopt) {}

ContentCheck::ContentCheck(const Manifest& manifest)
    : ContentCheck(manifest.format, expected_cells(manifest), period_of(manifest)) {}

ContentCheck::ContentCheck(Format format,
                           std::vector<ExpectedCell> expected,
                           std::optional<Period> during)
    : format_(format),
      columns_(expected_columns(format)),
      places_(summed_places(format)),
      conformance_(focus::rules_1_2()),
      check_row_(row_checker(format, during)),
      csv_([this](std::span<const focus::CsvCell> cells) {
          has_header_ ? read_record(cells) : read_header(cells);
      }) {
    bind(std::move(expected));
}

ContentCheck::SummedPlaces ContentCheck::summed_places(Format format) {
    const std::vector<std::string> columns = expected_columns(format);
    return format == Format::focus ? SummedPlaces{place_of(columns, "BillingAccountId"),
                                                  place_of(columns, "BilledCost"),
                                                  place_of(columns, "BillingCurrency"),
                                                  place_of(columns, "ChargeCategory")}
                                   : SummedPlaces{place_of(columns, "tenant"),
                                                  place_of(columns, "cost"),
                                                  place_of(columns, "currency"),
                                                  place_of(columns, "kind")};
}

ContentCheck::CheckRow ContentCheck::row_checker(Format format, std::optional<Period> during) {
    if (format == Format::focus) {
        return [charges = ChargeCheck(during)](auto cells) mutable { return charges.check(cells); };
    }
    return [lines = LineCheck(during)](auto cells) mutable { return lines.check(cells); };
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
    } else {
        finish_csv();
    }
    for (const std::string& text : sums_.finish()) {
        problem("at the end: " + text);
    }
    return std::move(found_);
}

void ContentCheck::finish_csv() {
    csv_.finish();
    if (!csv_.fault().empty()) {
        problem(csv_.fault());
    } else if (!has_header_) {
        problem("expected a header, the file is empty");
    }
    if (format_ != Format::focus) {
        return;
    }
    std::vector<std::string> broken;
    for (const focus::Finding& finding : conformance_.findings()) {
        (finding.is_advice ? found_.advice : broken).push_back(finding_text(finding));
    }
    // The rules of the specification first, which everybody knows.
    found_.problems.insert(found_.problems.begin(), broken.begin(), broken.end());
}

void ContentCheck::read_header(std::span<const focus::CsvCell> cells) {
    has_header_ = true;
    std::vector<std::string> names;
    for (const focus::CsvCell& cell : cells) {
        names.emplace_back(cell.text);
    }
    has_columns_ = names == columns_;
    if (!has_columns_) {
        problem("header: expected the columns of the format");
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
    std::vector<std::string_view> texts;
    texts.reserve(cells.size());
    for (const focus::CsvCell& cell : cells) {
        texts.push_back(cell.text);
        if (format_ == Format::lines && is_bare_formula(cell.text)) {
            problem("row " + std::to_string(found_.rows) + ": expected an apostrophe before " +
                    shown(cell.text) + ", which reads as a formula");
        }
    }
    read_line(texts);
}

// A row of either form: the cells in the order of the columns.
void ContentCheck::read_line(const std::vector<std::string_view>& cells) {
    for (BoundCell& cell : cells_) {
        compare(cell, cells[cell.place]);
    }
    if (has_columns_) {
        row_problems(check_row_(cells));
    }
    if (std::max({places_.tenant, places_.cost, places_.currency, places_.kind}) < cells.size()) {
        count(cells);
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
    const std::string place = "line " + std::to_string(found_.rows) + ": expected ";
    const ReadObject read = read_object(line);
    if (!read.object.is_object()) {
        problem(place + "a JSON object, got " + shown(line));
        return;
    }
    std::vector<std::string> values;
    for (const std::string& name : columns_) {
        const auto found = read.object.find(name);
        auto value = found == read.object.end() ? std::nullopt : cell_of(*found, name);
        if (!value) {
            problem(place + (found == read.object.end() ? "the member " : "another kind of ") +
                    shown(name));
            return;
        }
        values.push_back(*std::move(value));
    }
    if (read.members != columns_.size()) {
        problem(place + "each member once and no other");
    }
    read_line({values.begin(), values.end()});
}

void ContentCheck::count(const std::vector<std::string_view>& cells) {
    const std::string_view tenant = cells[places_.tenant];
    Result<Decimal> cost = Decimal::parse(cells[places_.cost]);
    if (!cost.ok()) {
        return;  // told with the row
    }
    if (latest_ == nullptr || latest_->tenant != tenant) {
        latest_ = &found_.totals.try_emplace(std::string(tenant)).first->second;
        latest_->tenant = tenant;
    }
    latest_->total += cost.value();
    ++latest_->rows;
    if (!has_columns_) {
        return;
    }
    const std::string_view kind = cells[places_.kind];
    row_problems(sums_.check({tenant,
                              cells[places_.currency],
                              kind == (format_ == Format::focus ? "Adjustment" : "rounding"),
                              std::move(cost).value()}));
}

void ContentCheck::problem(const std::string& text) {
    if (found_.problems.size() < kProblemsMax) {
        found_.problems.push_back(text);
    }
}

void ContentCheck::row_problems(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        problem("row " + std::to_string(found_.rows) + ": " + text);
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
