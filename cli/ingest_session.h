#pragma once

#include "anchors/anchor_set.h"
#include "anchors/signer.h"
#include "cli/book.h"
#include "cli/shell.h"
#include "consumer/ingest.h"
#include "consumer/loop.h"
#include "consumer/message_source.h"
#include "store/ingest_store.h"

#include <filesystem>
#include <string>

namespace dcm::cli {

[[nodiscard]] consumer::DecodeLimits decode_limits(const IngestConfig& config);

// Key and state: as configured, else beside the database.
[[nodiscard]] anchors::SignerPlaces signer_places(const Config& config,
                                                  const std::filesystem::path& database);
// The same with what else the log's key and signer need to know.
[[nodiscard]] anchors::SignerSetup signer_setup(Shell& shell);

// The last line of stdout: `{"received":n,"accepted":n,…}`.
[[nodiscard]] std::string summary_line(const store::IngestCounts& counts);

// Everything an ingesting process holds: the lock that keeps a second one out, the book, the
// database and the signer. `consume` and `replay` differ only in their source.
class IngestSession {
public:
    explicit IngestSession(Shell& shell);

    // What becomes of a run; either may be absent.
    struct RunTold {
        std::function<void(const store::IngestCounts&)> on_commit;
        std::function<void()> on_reviewed;  // as in consumer::IngestSettings
    };
    // Runs the source through the pipeline until stopped or drained, and leaves the projection
    // without lag and a checkpoint of full size.
    store::IngestCounts run(consumer::MessageSource& source,
                            consumer::LoopOptions options,
                            const RunTold& told);

    // Up to where each stream of the name is recorded, or told as missing.
    [[nodiscard]] std::vector<store::AccountedStream> accounted(const NatsConfig& nats) const;
    // What the stream must still hold of what is recorded.
    [[nodiscard]] std::vector<BrokerPosition> newest_positions(const NatsConfig& nats) const;

private:
    [[nodiscard]] consumer::IngestSettings settings() const;
    void sign_if_due();
    void tell_findings();
    void tell_anchors();

    Shell& shell_;
    store::DatabaseUrl url_;
    Book book_;
    store::IngestLock lock_;
    store::Database database_;
    anchors::AnchorSet anchors_;
    anchors::LogKey key_;
    store::IngestStore store_;
    anchors::Signer signer_;
    std::string signing_trouble_;  // as told last
};

}  // namespace dcm::cli
