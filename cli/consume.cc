#include "cli/commands.h"
#include "cli/consuming.h"

#include <memory>

namespace dcm::cli {

void add_consume_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ConsumeOptions>();
    CLI::App* const command =
        app.add_subcommand("consume", "Read the stream as a member of the consumer group");
    command->add_flag("--drain", options->drain, "Stop when nothing is pending");
    command->add_flag("--provision",
                      options->provision,
                      "Create the stream where there is none; for demos and tests");
    shell.add_formats(*command, object_formats());
    command->footer("Example: dcm-billing consume --nats nats://127.0.0.1:4222 --drain");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return consume_stream(shell, *options, {}); });
    });
}

}  // namespace dcm::cli
