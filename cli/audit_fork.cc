#include "anchors/key_change.h"
#include "base/encoding.h"
#include "base/shown.h"
#include "cli/anchors.h"
#include "cli/audit_commands.h"
#include "cli/ingest_session.h"
#include "cli/own_records.h"

#include <memory>
#include <optional>
#include <string>

namespace dcm::cli {
namespace {

constexpr std::size_t kReasonBytesMax = 1'024;

struct ForkOptions {
    bool from_backup = false;
    std::string reason;
};

void require_options(const ForkOptions& options) {
    if (!options.from_backup) {
        throw Failure(ErrorKind::usage,
                      "expected --from-backup: a log is forked behind a restored older copy only");
    }
    const std::string& reason = options.reason;
    if (reason.empty() || reason.size() > kReasonBytesMax || on_one_line(reason) != reason ||
        !is_utf8(reason)) {
        throw Failure(ErrorKind::usage,
                      "expected --reason as a text of 1 to " + std::to_string(kReasonBytesMax) +
                          " bytes on one line without controls, got one of " +
                          std::to_string(reason.size()) + ": " + shown(reason));
    }
}

int fork_log(Shell& shell, const ForkOptions& options) {
    require_options(options);
    const anchors::SignerSetup setup = signer_setup(shell);
    static_cast<void>(shell.existing_database());
    const store::IngestLock lock(setup.url);
    store::Database database = store::Database::open_for_writing(setup.url);
    std::optional<audit::KeyChange> change = anchors::unfinished_change(database, setup);
    if (!change) {
        anchors::AnchorSet before = make_anchor_set(shell, database);
        change = anchors::begin_fork(
            database, setup, before, shell.clock(), {user_actor(), options.reason});
        for (const std::string& notice : before.take_notices()) {
            tell(notice);
        }
    }
    if (!change) {
        return refuse(
            "nothing was changed: the database is what was signed, there is nothing to "
            "fork from");
    }
    // For the log under its new name.
    anchors::AnchorSet anchors = make_anchor_set(shell, database);
    anchors::finish_change(database, setup, *change, anchors, shell.clock());
    print("forked, as record " + std::to_string(change->seq) +
          " says: " + std::to_string(change->seq) + " of " + std::to_string(change->lost_size) +
          " records that were signed are here, the others are lost\nverifier key: " +
          change->new_key.text() + '\n');
    return kExitDone;
}

}  // namespace

void add_audit_fork(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<ForkOptions>();
    CLI::App* const command = audit.add_subcommand(
        "fork", "Go on from a restored older copy, under a new name, and record that for ever");
    command->add_flag(
        "--from-backup", options->from_backup, "The database is an older copy, and stays one");
    command->add_option("--reason", options->reason, "Why: what was lost, a ticket")
        ->type_name("TEXT")
        ->required();
    command->footer(
        "Example: dcm-billing audit fork --from-backup --reason \"disk lost, INC-2026-17\"");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return fork_log(shell, *options); });
    });
}

}  // namespace dcm::cli
