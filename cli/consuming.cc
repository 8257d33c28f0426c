#include "cli/consuming.h"

#include "cli/ingest_session.h"
#include "cli/nats.h"
#include "cli/progress.h"
#include "consumer/nats_source.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace dcm::cli {
namespace {

// How long `--drain` goes on trying without one success; a consumer that runs until stopped waits
// for its broker and its database for ever.
constexpr std::chrono::milliseconds kDrainPatience{15'000};

consumer::NatsSourceOptions make_source_options(const NatsConfig& config, bool provision) {
    consumer::NatsSourceOptions options;
    options.names = {config.stream, config.durable};
    options.provision = provision;
    options.pull.batch = static_cast<std::int64_t>(config.batch);
    options.on_notice = [](std::string_view notice) { spdlog::warn("{}", notice); };
    return options;
}

}  // namespace

int consume_stream(Shell& shell, const ConsumeOptions& options, const ReadingTold& told) {
    const NatsConfig& config = shell.config().nats;
    consumer::NatsConnection connection(nats_options(config));
    IngestSession session(shell);
    consumer::NatsSourceOptions source_options = make_source_options(config, options.provision);
    source_options.accounted = session.accounted(config);
    source_options.on_attached = [&config, &connection, &told](
                                     const consumer::DurableInfo& durable) {
        spdlog::info("reading stream '{}' as durable '{}' at {}: {} undelivered, {} unacknowledged",
                     config.stream,
                     config.durable,
                     connection.shown_urls(),
                     durable.undelivered,
                     durable.unacknowledged);
        if (told.on_attached) {
            told.on_attached(durable.undelivered + durable.unacknowledged);
        }
    };
    consumer::NatsSource source(connection, std::move(source_options));
    consumer::LoopOptions loop;
    if (options.drain) {
        loop.until = consumer::Until::drained;
        loop.patience = kDrainPatience;
    }
    if (told.on_start) {
        told.on_start();
    }
    store::IngestCounts counts;
    {
        Progress progress(options.drain ? "drain" : "consume", shell.clock());
        std::int64_t done = 0;
        counts =
            session.run(source, loop, [&progress, &done, &told](const store::IngestCounts& added) {
                done += added.received;
                progress.show({done, 0});
                if (told.on_read) {
                    told.on_read(added.received + added.redelivered);
                }
            });
    }
    print(summary_line(counts));
    return kExitDone;
}

}  // namespace dcm::cli
