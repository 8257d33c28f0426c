#include "billing/table.h"
#include "cli/commands.h"

namespace dcm::cli {
namespace {

int show_config(Shell& shell) {
    const std::string format = shell.format({"table", "csv"});
    billing::Table table({{"field"}, {"value"}, {"from"}});
    for (const auto& [path, value] : shell.config().values) {
        table.add_row({path, without_secrets(value.text), value.place});
    }
    print(format == "csv" ? table.csv() : table.text(terminal_width()));
    return kExitDone;
}

int check_config(Shell& shell) {
    static_cast<void>(shell.config());  // throws with every problem
    print("configuration is valid\n");
    return kExitDone;
}

}  // namespace

void add_config_command(CLI::App& app, Shell& shell) {
    CLI::App* const config = app.add_subcommand("config", "The resolved configuration");
    config->require_subcommand(1);
    config->footer("Example: dcm-billing config show --config dcm-billing.yaml");

    CLI::App* const show =
        config->add_subcommand("show", "Print every field with where its value came from");
    show->footer("Example: DCM_BILLING_NATS_URL=nats://broker:4222 dcm-billing config show");
    show->callback([&shell] { shell.choose([&shell] { return show_config(shell); }); });

    CLI::App* const check = config->add_subcommand("check", "Validate the configuration");
    check->footer("Example: dcm-billing config check --config /etc/dcm-billing/dcm-billing.yaml");
    check->callback([&shell] { shell.choose([&shell] { return check_config(shell); }); });
}

}  // namespace dcm::cli
