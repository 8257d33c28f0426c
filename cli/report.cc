#include "billing/report.h"

#include "billing/render_report.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/rate_report.h"
#include "cli/rated_usage.h"
#include "cli/report_doubt.h"
#include "cli/report_html.h"
#include "store/closed_periods.h"
#include "store/usage_reader.h"

#include <memory>

namespace dcm::cli {
namespace {

struct ReportOptions {
    std::string what;  // empty: the report itself
    FilterOptions filters;
    std::string group_by = "service_type,provider";
};

int show_rated(Shell& shell, const ReportOptions& options) {
    const std::string format = shell.format({"table", "csv", "json", "jsonl", "html"});
    const Book book = load_book(shell.config().rules);
    const Bounds bounds = resolve_bounds(options.filters, book.rules.zone, shell.clock().now());
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    if (format == "html") {
        print(billing::report_html(html_report(snapshot, reader, book, options.filters, bounds)));
        return kExitDone;
    }
    const std::vector<billing::GroupKey> keys = group_keys(options.group_by);
    const billing::Report report = rate_report(reader, book, {options.filters, keys}, bounds);
    const billing::ReportOrigin origin = origin_of(snapshot, book, bounds);
    if (format == "json") {
        print(billing::report_json(report, origin));
    } else if (format == "jsonl") {
        print(billing::report_jsonl(report));
    } else if (format == "csv") {
        print(billing::report_csv(report));
    } else {
        print(billing::report_text(report, origin, terminal_width()));
    }
    return kExitDone;
}

int show_report(Shell& shell, const ReportOptions& options) {
    if (options.what.empty()) {
        return show_rated(shell, options);
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
    command->footer(
        "Example: dcm-billing report --period 2026-05 --group-by service_type,state\n"
        "         dcm-billing report doubtful --period 2026-05 --group-by instance\n"
        "         dcm-billing report --period 2026-05 --format html > may.html");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return show_report(shell, *options); });
    });
}

}  // namespace dcm::cli
