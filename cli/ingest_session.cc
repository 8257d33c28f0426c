#include "cli/ingest_session.h"

#include "cli/anchors.h"
#include "cli/service_actor.h"
#include "cli/stop_signal.h"
#include "consumer/stream_setup.h"
#include "store/closed_periods.h"

#include <spdlog/spdlog.h>

namespace dcm::cli {

std::string summary_line(const store::IngestCounts& counts) {
    return "{\"received\":" + std::to_string(counts.received) +
           ",\"accepted\":" + std::to_string(counts.accepted) +
           ",\"duplicate\":" + std::to_string(counts.duplicate) +
           ",\"rejected\":" + std::to_string(counts.rejected) +
           ",\"redelivered\":" + std::to_string(counts.redelivered) + "}\n";
}

consumer::DecodeLimits decode_limits(const IngestConfig& config) {
    return {config.payload_bytes_max, config.clock_skew_max, config.earliest_time};
}

anchors::SignerPlaces signer_places(const Config& config, const std::filesystem::path& database) {
    anchors::SignerPlaces places;
    places.key = config.audit.key.empty() ? anchors::beside(database, ".key") : config.audit.key;
    places.state = anchors::beside(database, ".signer");
    return places;
}

anchors::SignerSetup signer_setup(Shell& shell) {
    const store::DatabaseUrl url = shell.database_url();
    return {url, shell.config().audit.deployment, signer_places(shell.config(), url.path)};
}

IngestSession::IngestSession(Shell& shell)
    : shell_(shell),
      url_(shell.database_url()),
      book_(load_book(shell.config().rules)),
      lock_(url_),
      database_(store::Database::open_for_writing(url_)),
      anchors_(make_anchor_set(shell, database_)),
      key_(anchors::open_log(database_, signer_setup(shell), anchors_)),
      store_(database_,
             book_.rules.lifecycle,
             key_.signing,
             shell.clock(),
             {service_actor(), book_.digest, book_.bytes}),
      signer_(database_, signer_setup(shell), key_, anchors_, shell.clock()) {
    store::require_same_terms(database_, book_.rules);
}

consumer::IngestSettings IngestSession::settings() const {
    const IngestConfig& config = shell_.config().ingest;
    consumer::IngestSettings settings;
    settings.commit_events = config.commit_events;
    settings.commit_interval = std::chrono::milliseconds{config.commit_interval.micros / 1'000};
    settings.limits = decode_limits(config);
    return settings;
}

// Evidence that cannot be written now is written later: events are not held up by it. Once another
// copy of the database is anchored, this one must not go on taking events.
void IngestSession::sign_if_due() {
    try {
        if (signer_.sign_if_due()) {
            signing_trouble_.clear();
        }
    } catch (const anchors::Diverged& diverged) {
        throw consumer::Refused(diverged.what());
    } catch (const Failure& failure) {
        if (failure.what() != signing_trouble_) {
            spdlog::warn("no checkpoint yet: {}", failure.what());
        }
        signing_trouble_ = failure.what();
    }
    tell_anchors();
}

void IngestSession::tell_anchors() {
    for (const std::string& notice : anchors_.take_notices()) {
        spdlog::warn("{}", notice);
    }
}

// What the stream itself has lost or repeated; it is in the log, too.
void IngestSession::tell_findings() {
    for (const std::string& warning : store_.take_warnings()) {
        spdlog::warn("{}", warning);
    }
}

std::vector<store::AccountedStream> IngestSession::accounted(const NatsConfig& nats) const {
    return store_.accounted({nats.stream, nats.durable});
}

std::vector<BrokerPosition> IngestSession::newest_positions(const NatsConfig& nats) const {
    return store_.newest_positions(nats.stream);
}

store::IngestCounts IngestSession::run(consumer::MessageSource& source,
                                       consumer::LoopOptions options,
                                       const RunTold& told) {
    consumer::IngestSettings settings = this->settings();
    settings.on_reviewed = told.on_reviewed;
    settings.after_commit = [this, &told](const store::IngestCounts& added) {
        if (told.on_commit) {
            told.on_commit(added);
        }
        tell_findings();
        sign_if_due();
    };
    settings.on_idle = [this] {
        tell_findings();
        sign_if_due();
    };
    options.on_trouble = [](const Failure& failure, std::chrono::milliseconds wait) {
        spdlog::warn("{}; trying again in {} ms", failure.what(), wait.count());
    };
    options.on_recovery = [] { spdlog::info("going on"); };
    consumer::Ingest ingest(source, store_, book_.rules.lifecycle, settings);
    const store::IngestCounts counts = run_loop(ingest, options, stop_requested());
    tell_findings();
    signer_.sign();
    tell_anchors();
    return counts;
}

}  // namespace dcm::cli
