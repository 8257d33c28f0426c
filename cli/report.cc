#include "billing/report.h"

#include "billing/render_report.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/rate_report.h"
#include "cli/rated_usage.h"
#include "store/usage_reader.h"

#include <memory>

namespace dcm::cli {
namespace {

struct ReportOptions {
    FilterOptions filters;
    std::string group_by = "service_type,provider";
};

int show_report(Shell& shell, const ReportOptions& options) {
    const std::string format = shell.format({"table", "csv", "json", "jsonl"});
    const Book book = load_book(shell.config().rules);
    const Bounds bounds = resolve_bounds(options.filters, book.rules.zone, shell.clock().now());
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
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

}  // namespace

void add_report_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = app.add_subcommand("report", "Rated usage, grouped and summed");
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
    command->footer("Example: dcm-billing report --period 2026-05 --group-by service_type,state");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return show_report(shell, *options); });
    });
}

}  // namespace dcm::cli
