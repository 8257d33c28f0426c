#include "cli/commands.h"

namespace dcm::cli {

void add_version_command(CLI::App& app, Shell& shell) {
    CLI::App* const command = app.add_subcommand("version", "Print the version");
    command->footer("Example: dcm-billing version");
    command->callback([&shell] {
        shell.choose([] {
            print(version_text() + "\n");
            return kExitDone;
        });
    });
}

std::string version_text() {
    return "dcm-billing " DCM_VERSION;
}

}  // namespace dcm::cli
