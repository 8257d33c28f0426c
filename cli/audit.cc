#include "cli/audit_commands.h"
#include "cli/audit_verify.h"
#include "cli/commands.h"
#include "cli/option_value.h"
#include "store/log_reader.h"

#include <memory>

namespace dcm::cli {
namespace {

constexpr int kJobsMax = 64;

int show_checkpoint(Shell& shell) {
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const auto newest = snapshot.newest_checkpoint();
    if (!newest) {
        throw Failure(ErrorKind::environment,
                      "expected a signed checkpoint, found none: nothing was ingested yet");
    }
    print(newest->note);
    return kExitDone;
}

// How much is looked at, and with how many hands.
void add_verify_extent(CLI::App& verify, VerifyCommandOptions& options) {
    CLI::Option* const since_last =
        verify.add_flag("--since-last",
                        options.since_last,
                        "Read only what was not verified before; goes on where it was interrupted");
    verify
        .add_option("--state",
                    options.state,
                    "Where --since-last remembers it; default: <database>.verified")
        ->type_name("FILE")
        ->needs(since_last);
    verify.add_flag("--rebuild",
                    options.rebuild,
                    "Also derive instances, intervals and the rest from the log and compare");
    verify.add_option("--jobs", options.jobs, "So many threads read; default: one for each core")
        ->check(whole_number({1, kJobsMax}))
        ->type_name("N");
}

void add_verify(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<VerifyCommandOptions>();
    CLI::App* const verify = audit.add_subcommand(
        "verify",
        "Recompute every leaf, the tree and the payload commitments; compare with anchors");
    verify
        ->add_option(
            "--anchor", options->anchors, "A file of signed notes; each counts as one anchor")
        ->type_name("FILE");
    verify
        ->add_option("--trusted-note", options->trusted_notes, "The same, for a note kept by hand")
        ->type_name("FILE");
    verify
        ->add_option(
            "--vkey", options->verifier_key, "The verifier key; default: that of the key file")
        ->type_name("KEY");
    verify->add_flag("--json", options->json, "The same as --format json");
    add_verify_extent(*verify, *options);
    shell.add_formats(*verify, {"table", "json"});
    verify->footer("Example: dcm-billing audit verify --anchor /mnt/worm/billing.anchors");
    verify->callback([&shell, options] {
        shell.choose([&shell, options] {
            options->json = options->json || shell.format() == "json";
            return verify_log(shell, *options);
        });
    });
}

}  // namespace

void add_audit_command(CLI::App& app, Shell& shell) {
    CLI::App* const audit = app.add_subcommand("audit", "The append-only log");
    audit->require_subcommand(1);
    audit->footer("Example: dcm-billing audit verify --database sqlite://billing.db");
    add_verify(*audit, shell);

    CLI::App* const checkpoint =
        audit->add_subcommand("checkpoint", "Print the newest signed checkpoint");
    checkpoint->footer("Example: dcm-billing audit checkpoint > billing.note");
    checkpoint->callback([&shell] { shell.choose([&shell] { return show_checkpoint(shell); }); });

    add_audit_prove(*audit, shell);
    add_audit_check_proof(*audit, shell);
    add_audit_redact(*audit, shell);
    add_audit_query(*audit, shell);
    add_audit_export(*audit, shell);
    add_audit_witness(*audit, shell);
    add_audit_key(*audit, shell);
    add_audit_fork(*audit, shell);
}

}  // namespace dcm::cli
