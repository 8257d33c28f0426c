#include "anchors/key_change.h"
#include "anchors/key_file.h"
#include "anchors/log_opening.h"
#include "cli/anchors.h"
#include "cli/audit_commands.h"
#include "cli/ingest_session.h"
#include "cli/own_records.h"
#include "store/database.h"

#include <cstdio>
#include <optional>

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

int rotate_key(Shell& shell) {
    const anchors::SignerSetup setup = signer_setup(shell);
    static_cast<void>(shell.existing_database());
    // A process that ingests would go on with the old key.
    const store::IngestLock lock(setup.url);
    store::Database database = store::Database::open_for_writing(setup.url);
    anchors::AnchorSet anchors = make_anchor_set(shell, database);
    std::optional<audit::KeyChange> change = anchors::unfinished_change(database, setup);
    if (!change) {
        change = anchors::begin_rotation(database, setup, anchors, shell.clock(), user_actor());
    }
    anchors::finish_change(database, setup, *change, anchors, shell.clock());
    static_cast<void>(std::fprintf(
        stderr,
        "dcm-billing: record %lld changes the key, in %s: keep a copy; the old one signs nothing "
        "more\n",
        static_cast<long long>(change->seq),
        setup.places.key.c_str()));
    print(change->new_key.text() + '\n');
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

    CLI::App* const rotate = key->add_subcommand(
        "rotate", "Go on under a new key, which the old one vouches for; print its verifier key");
    rotate->footer("Example: dcm-billing audit key rotate > billing.vkey");
    rotate->callback([&shell] { shell.choose([&shell] { return rotate_key(shell); }); });

    CLI::App* const generate = key->add_subcommand(
        "generate", "Make the signing key of a log that has none, and print the verifier key");
    generate->footer("Example: dcm-billing audit key generate > billing.vkey");
    generate->callback([&shell] { shell.choose([&shell] { return generate_key(shell); }); });
}

}  // namespace dcm::cli
