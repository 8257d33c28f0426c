#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "cli/nats.h"
#include "cli/progress.h"
#include "consumer/nats_source.h"

#include <spdlog/spdlog.h>

#include <memory>

namespace dcm::cli {
namespace {

// How long `--drain` goes on trying without one success; a consumer that runs until stopped waits
// for its broker and its database for ever.
constexpr std::chrono::milliseconds kDrainPatience{15'000};

struct ConsumeOptions {
    bool drain = false;
    bool provision = false;
};

consumer::NatsSourceOptions make_source_options(const NatsConfig& config, bool provision) {
    consumer::NatsSourceOptions options;
    options.names = {config.stream, config.durable};
    options.provision = provision;
    options.pull.batch = static_cast<std::int64_t>(config.batch);
    options.on_notice = [](std::string_view notice) { spdlog::warn("{}", notice); };
    return options;
}

int consume(Shell& shell, const ConsumeOptions& options) {
    const NatsConfig& config = shell.config().nats;
    consumer::NatsConnection connection(nats_options(config));
    IngestSession session(shell);
    consumer::NatsSourceOptions source_options = make_source_options(config, options.provision);
    source_options.accounted = session.accounted(config);
    consumer::NatsSource source(connection, std::move(source_options));
    consumer::LoopOptions loop;
    if (options.drain) {
        loop.until = consumer::Until::drained;
        loop.patience = kDrainPatience;
    }
    store::IngestCounts counts;
    {
        Progress progress(options.drain ? "drain" : "consume", shell.clock());
        std::int64_t done = 0;
        counts = session.run(source, loop, [&progress, &done](const store::IngestCounts& added) {
            done += added.received;
            progress.show({done, 0});
        });
    }
    print(summary_line(counts));
    return kExitDone;
}

}  // namespace

void add_consume_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ConsumeOptions>();
    CLI::App* const command =
        app.add_subcommand("consume", "Read the stream as a member of the consumer group");
    command->add_flag("--drain", options->drain, "Stop when nothing is pending");
    command->add_flag("--provision",
                      options->provision,
                      "Create the stream where there is none; for demos and tests");
    command->footer("Example: dcm-billing consume --nats nats://127.0.0.1:4222 --drain");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return consume(shell, *options); });
    });
}

}  // namespace dcm::cli
