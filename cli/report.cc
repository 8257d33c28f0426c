#include "billing/report.h"

#include "billing/comparison.h"
#include "billing/render_comparison.h"
#include "billing/render_report.h"
#include "billing/statement.h"
#include "cli/billed_months.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/rate_report.h"
#include "cli/rated_usage.h"
#include "cli/report_doubt.h"
#include "cli/report_html.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/usage_reader.h"

#include <memory>
#include <optional>
#include <string_view>

namespace dcm::cli {
namespace {

struct ReportOptions {
    std::string what;  // empty: the report itself
    FilterOptions filters;
    std::string group_by = "service_type,provider";
    std::string compared;  // a billing month; empty: none
};

std::vector<billing::GroupKey> keys_to_compare(const std::string& group_by) {
    std::vector<billing::GroupKey> keys = group_keys(group_by);
    if (const auto key = billing::key_of_time(keys)) {
        throw Failure(ErrorKind::usage,
                      "expected --group-by without day and month where --compare is given, because "
                      "two months have none in common, got " +
                          std::string(billing::group_key_name(*key)));
    }
    return keys;
}

constexpr std::string_view kTable = "table";  // the one of these formats that says what was billed

billing::Report rated(const ReportSource& source,
                      const ReportScope& scope,
                      const Bounds& bounds,
                      std::string_view format) {
    billing::Report report = rate_report(source.reader, source.book, scope, bounds);
    if (format == kTable) {
        report.billed = billed_months(source, bounds, scope.filters);
    }
    return report;
}

std::string report_as(const std::string& format,
                      const ReportSource& source,
                      const ReportOptions& options) {
    const std::vector<billing::GroupKey> keys = group_keys(options.group_by);
    const billing::Report report = rated(source, {options.filters, keys}, source.bounds, format);
    if (report.lines.empty()) {
        tell_unknown_names({{source.reader, source.book}}, options.filters);
    }
    const billing::ReportOrigin origin = origin_of(source.snapshot, source.book, source.bounds);
    if (format == "json") {
        return billing::report_json(report, origin);
    }
    if (format == "jsonl") {
        return billing::report_jsonl(report);
    }
    return format == "csv" ? billing::report_csv(report)
                           : billing::report_text(report, origin, terminal_width());
}

std::optional<ComparedMonth> compared_month(const ReportSource& source,
                                            const ReportOptions& options) {
    if (options.compared.empty()) {
        return std::nullopt;
    }
    const CivilDate month = resolve_month("--compare", options.compared);
    const Period during = billing::billing_period(month, source.book.rules.zone).during;
    return ComparedMonth{options.compared, {during.start, during.end, source.bounds.as_of}};
}

std::string comparison_as(const std::string& format,
                          const ReportSource& source,
                          const ReportOptions& options,
                          const ComparedMonth& month) {
    const std::vector<billing::GroupKey> keys = keys_to_compare(options.group_by);
    const ReportScope scope{options.filters, keys};
    const billing::Comparison comparison = billing::compare_periods(
        rated(source, scope, source.bounds, format), rated(source, scope, month.bounds, format));
    if (comparison.lines.empty()) {
        tell_unknown_names({{source.reader, source.book}}, options.filters);
    }
    const billing::ComparisonContext context{origin_of(source.snapshot, source.book, source.bounds),
                                             options.filters.period,
                                             month.name,
                                             {*month.bounds.from, *month.bounds.to}};
    if (format == "json") {
        return billing::comparison_json(comparison, context);
    }
    if (format == "jsonl") {
        return billing::comparison_jsonl(comparison);
    }
    return format == "csv" ? billing::comparison_csv(comparison)
                           : billing::comparison_text(comparison, context, terminal_width());
}

int show_rated(Shell& shell, const ReportOptions& options) {
    const std::string& format = shell.format();
    Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    book.rules.zone = store::zone_as_closed(database, book.rules.zone);
    const Bounds bounds = resolve_bounds(options.filters, book.rules.zone, shell.clock().now());
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    const ReportSource source{snapshot, reader, book, bounds};
    const std::optional<ComparedMonth> compared = compared_month(source, options);
    if (format == "html") {
        print(billing::report_html(html_report(source, options.filters, compared)));
    } else if (compared) {
        print(comparison_as(format, source, options, *compared));
    } else {
        print(report_as(format, source, options));
    }
    return kExitDone;
}

int show_report(Shell& shell, const ReportOptions& options) {
    if (options.what.empty()) {
        return show_rated(shell, options);
    }
    if (!options.compared.empty()) {
        throw Failure(ErrorKind::usage,
                      "expected --compare with the report itself, got report " + options.what);
    }
    const bool is_unrated = options.what == "unrated";
    if (!is_unrated && options.what != "doubtful") {
        throw Failure(
            ErrorKind::usage,
            "expected unrated, doubtful or nothing after report, got \"" + options.what + '"');
    }
    return show_doubt(
        shell,
        {options.filters,
         options.group_by,
         is_unrated ? billing::DoubtChoice::unrated : billing::DoubtChoice::doubtful});
}

}  // namespace

void add_report_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = app.add_subcommand("report", "Rated usage, grouped and summed");
    command
        ->add_option(
            "what",
            options->what,
            "unrated: seconds that no rate matches; doubtful: seconds and cost that rest on "
            "unknown statuses, clamped times, UNKNOWN and silent sources; absent: all usage")
        ->type_name("[unrated|doubtful]");
    add_instance_filters(*command, options->filters);
    add_time_filters(*command, options->filters);
    command
        ->add_option(
            "--group-by",
            options->group_by,
            "Comma list of tenant, provider, service_type, instance, meter, rate, state, day, "
            "month")
        ->type_name("KEYS")
        ->capture_default_str();
    command
        ->add_option("--compare",
                     options->compared,
                     "Beside the period's costs those of this month under the same rule book, the "
                     "difference, and its percentage rounded half-up to 2 digits")
        ->type_name("MONTH")
        ->needs("--period");
    shell.add_formats(*command, {"table", "csv", "json", "jsonl", "html"});
    command->footer(
        "Example: dcm-billing report --period 2026-05 --group-by service_type,state\n"
        "         dcm-billing report --period 2026-05 --compare 2026-04 --group-by tenant\n"
        "         dcm-billing report doubtful --period 2026-05 --group-by instance\n"
        "         dcm-billing report --period 2026-05 --format html > may.html");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return show_report(shell, *options); });
    });
}

}  // namespace dcm::cli
