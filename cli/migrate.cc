#include "anchors/log_opening.h"
#include "billing/table.h"
#include "cli/anchors.h"
#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "store/schema.h"

#include <filesystem>

namespace dcm::cli {
namespace {

int show_status(Shell& shell) {
    const store::SchemaOverview overview = store::schema_overview(shell.database_url());
    billing::Table table({{"version", billing::Align::right}, {"name"}, {"applied"}});
    for (const store::SchemaStep& step : overview.steps) {
        table.add_row({std::to_string(step.version), step.name, step.applied_at.value_or("-")});
    }
    print(table.text(terminal_width()) + overview.summary + '\n');
    return kExitDone;
}

int bring_up(Shell& shell) {
    store::Database database = store::Database::open_for_writing(shell.database_url());
    const anchors::SignerSetup setup = signer_setup(shell);
    std::error_code missing;
    // Records from before there were seals are sealed at once, where that is possible; else whoever
    // writes next does it.
    if (std::filesystem::exists(setup.places.key, missing)) {
        anchors::AnchorSet anchors = make_anchor_set(shell, database);
        static_cast<void>(anchors::open_log(database, setup, anchors));
    }
    return show_status(shell);
}

}  // namespace

void add_migrate_command(CLI::App& app, Shell& shell) {
    CLI::App* const migrate = app.add_subcommand("migrate", "The database's schema");
    migrate->require_subcommand(1);
    migrate->footer("Example: dcm-billing migrate status --database sqlite://billing.db");

    CLI::App* const status =
        migrate->add_subcommand("status", "What is applied and what is missing");
    status->footer("Example: dcm-billing migrate status --database sqlite://billing.db");
    status->callback([&shell] { shell.choose([&shell] { return show_status(shell); }); });

    CLI::App* const up = migrate->add_subcommand("up", "Bring the schema up to date");
    up->footer("Example: dcm-billing migrate up --database sqlite://billing.db");
    up->callback([&shell] { shell.choose([&shell] { return bring_up(shell); }); });
}

}  // namespace dcm::cli
