#include "billing/render_usage.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/usage_reader.h"

#include <memory>

namespace dcm::cli {
namespace {

int show_instances(Shell& shell, const FilterOptions& filters) {
    const billing::RowFormat format = shell.row_format();
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    billing::InstancePrinter printer(format, terminal_width(), print);
    reader.each_instance(
        instance_filter(filters), [&filters, &printer](const auto& key, const auto& timeline) {
            if (filters.provider.empty() || filters.provider == timeline.summary->provider) {
                printer.add(key, *timeline.summary);
            }
        });
    printer.finish();
    if (!printer.has_rows()) {
        tell_unknown_names({{reader, book}}, filters);
    }
    return kExitDone;
}

}  // namespace

void add_instances_command(CLI::App& app, Shell& shell) {
    const auto filters = std::make_shared<FilterOptions>();
    CLI::App* const command =
        app.add_subcommand("instances", "Observed state: the last status of each instance");
    add_instance_filters(*command, *filters);
    shell.add_formats(*command, row_formats());
    command->footer("Example: dcm-billing instances --service-type vm --format jsonl");
    command->callback([&shell, filters] {
        shell.choose([&shell, filters] { return show_instances(shell, *filters); });
    });
}

}  // namespace dcm::cli
