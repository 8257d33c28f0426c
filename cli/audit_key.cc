#include "anchors/key_file.h"
#include "anchors/log_opening.h"
#include "cli/audit_commands.h"
#include "cli/ingest_session.h"
#include "store/database.h"

#include <cstdio>

namespace dcm::cli {
namespace {

void print_verifier_key(const audit::SigningKey& key) {
    print(key.verifier().text() + '\n');
}

int show_key(Shell& shell) {
    const anchors::SignerPlaces places = signer_places(shell.config(), shell.database_url().path);
    print_verifier_key(anchors::load_key(places.key));
    return kExitDone;
}

int generate_key(Shell& shell) {
    const anchors::SignerSetup setup = signer_setup(shell);
    store::Database database = store::Database::open_for_writing(setup.url);
    const audit::SigningKey key = anchors::create_log_key(database, setup);
    static_cast<void>(std::fprintf(stderr,
                                   "dcm-billing: the signing key is in %s; keep a copy: without it "
                                   "nothing more can be recorded\n",
                                   setup.places.key.c_str()));
    print_verifier_key(key);
    return kExitDone;
}

}  // namespace

void add_audit_key(CLI::App& audit, Shell& shell) {
    CLI::App* const key = audit.add_subcommand("key", "The signing key");
    key->require_subcommand(1);
    key->footer("Example: dcm-billing audit key show");

    CLI::App* const show = key->add_subcommand("show", "Print the verifier key");
    show->footer("Example: dcm-billing audit key show > billing.vkey");
    show->callback([&shell] { shell.choose([&shell] { return show_key(shell); }); });

    CLI::App* const generate = key->add_subcommand(
        "generate", "Make the signing key of a log that has none, and print the verifier key");
    generate->footer("Example: dcm-billing audit key generate > billing.vkey");
    generate->callback([&shell] { shell.choose([&shell] { return generate_key(shell); }); });
}

}  // namespace dcm::cli
