#include "cli/consuming.h"

#include "cli/ingest_session.h"
#include "cli/nats.h"
#include "cli/observed_source.h"
#include "cli/progress.h"
#include "cli/stop_signal.h"
#include "consumer/nats_source.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

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
    take_stop_signals();
    const NatsConfig& config = shell.config().nats;
    consumer::NatsConnection connection(nats_options(config));
    IngestSession session(shell);
    consumer::NatsSourceOptions source_options = make_source_options(config, options.provision);
    source_options.accounted = session.accounted(config);
    source_options.recorded = session.newest_positions(config);
    source_options.on_attached = [&config, &connection, &told](const consumer::DurableInfo& durable,
                                                               bool is_reviewed) {
        spdlog::info("reading stream '{}' as durable '{}' at {}: {} undelivered, {} unacknowledged",
                     config.stream,
                     config.durable,
                     connection.shown_urls(),
                     durable.undelivered,
                     durable.unacknowledged);
        if (told.first != nullptr) {
            told.first->attached({durable.undelivered + durable.unacknowledged, is_reviewed},
                                 std::chrono::steady_clock::now());
        }
    };
    consumer::NatsSource stream(connection, std::move(source_options));
    const auto observed =
        told.first != nullptr ? std::make_unique<ObservedSource>(stream, *told.first) : nullptr;
    consumer::MessageSource& source =
        observed ? static_cast<consumer::MessageSource&>(*observed) : stream;
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
        IngestSession::RunTold run_told;
        run_told.on_commit = [&progress, &done](const store::IngestCounts& added) {
            done += added.received;
            progress.show({done, 0});
        };
        if (told.first != nullptr) {
            run_told.on_reviewed = [&told] { told.first->reviewed(); };
        }
        counts = session.run(source, loop, run_told);
    }
    print(summary_line(counts));
    return kExitDone;
}

}  // namespace dcm::cli
