#include "store/rebuild.h"

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "store/closed_periods.h"
#include "store/database.h"

namespace dcm::cli {
namespace {

int run_rebuild(Shell& shell) {
    const Book book = load_book(shell.config().rules);
    const store::DatabaseUrl url = shell.existing_database();
    const store::IngestLock lock(url);
    store::Database database = store::Database::open_for_writing(url);
    store::require_same_terms(database, book.rules);
    store::RebuildOutcome outcome;
    {
        Progress progress("rebuild", shell.clock());
        outcome = store::rebuild(
            url, book.rules.lifecycle, [&progress](std::int64_t done, std::int64_t total) {
                progress.show({done, total});
            });
    }
    const std::string derived = std::to_string(outcome.records) + " records, " +
                                std::to_string(outcome.instances) + " instances, " +
                                std::to_string(outcome.intervals) + " intervals";
    if (!outcome.difference.empty()) {
        print("rebuilt " + derived + "; the derived tables differed: " + outcome.difference + '\n');
        return kExitNegative;
    }
    print("rebuilt " + derived + "; identical\n");
    return kExitDone;
}

}  // namespace

void add_rebuild_command(CLI::App& app, Shell& shell) {
    CLI::App* const command = app.add_subcommand(
        "rebuild", "Derive every derived table again from the audit log, compare and put right");
    command->footer("Example: dcm-billing rebuild --database sqlite://billing.db");
    command->callback([&shell] { shell.choose([&shell] { return run_rebuild(shell); }); });
}

}  // namespace dcm::cli
