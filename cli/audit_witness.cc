#include "anchors/witness_server.h"
#include "cli/audit_commands.h"
#include "cli/stop_signal.h"

#include <memory>
#include <vector>

namespace dcm::cli {
namespace {

struct WitnessOptions {
    std::string listen;
    std::string name;
    std::string key;
    std::string state;
    std::vector<std::string> logs;
};

int serve_witness(Shell& shell, const WitnessOptions& options) {
    take_stop_signals();
    const anchors::ListenAddress address =
        value_or_throw(anchors::parse_listen_address(options.listen));
    if (!audit::is_key_name(options.name)) {
        throw Failure(ErrorKind::usage, "expected --name without blanks, controls and plus signs");
    }
    anchors::WitnessSetup setup{options.key, options.name, options.state, {}};
    for (const std::string& log : options.logs) {
        setup.logs.push_back(value_or_throw(audit::VerifierKey::parse(log)));
    }
    anchors::Witness witness(setup, shell.clock());
    const anchors::WitnessServer server(witness, address);
    print(witness.key().text() + "\nhttp://" + address.host + ':' + std::to_string(server.port()) +
          '\n');
    wait_for_stop();
    return kExitDone;
}

}  // namespace

void add_audit_witness(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<WitnessOptions>();
    CLI::App* const witness = audit.add_subcommand(
        "witness",
        "Cosign checkpoints of other machines' logs (C2SP tlog-witness), as another user");
    witness->add_option("--listen", options->listen, "Address and port; port 0: a free one")
        ->default_val("127.0.0.1:2025")
        ->type_name("HOST:PORT");
    witness->add_option("--name", options->name, "The witness's name, such as example.com/w1")
        ->required()
        ->type_name("NAME");
    witness->add_option("--key", options->key, "Its key file, made where there is none")
        ->required()
        ->type_name("FILE");
    witness->add_option("--state", options->state, "Where it keeps what it cosigned")
        ->required()
        ->type_name("FILE");
    witness
        ->add_option("--log", options->logs, "The verifier key of a log; repeat it for more logs")
        ->required()
        ->type_name("KEY");
    witness->footer(
        "Prints its verifier key and its URL, then serves until stopped.\n"
        "Example: dcm-billing audit witness --name example.com/w1 --key w1.key --state w1.state "
        "--log \"$(cat billing.vkey)\"");
    witness->callback([&shell, options] {
        shell.choose([&shell, options] { return serve_witness(shell, *options); });
    });
}

}  // namespace dcm::cli
