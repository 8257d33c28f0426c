#include "store/ingest_store.h"

#include "store/ingest_writer.h"
#include "store/log_append.h"
#include "store/log_head.h"
#include "store/projection.h"
#include "store/source_ledger.h"
#include "store/statement.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace dcm::store {
namespace {

constexpr std::string_view kAppending = "record messages";
constexpr std::string_view kRetrying = "record retried verdicts";
constexpr std::string_view kReviewing = "hold the log against the broker";
constexpr std::string_view kProjecting = "bring intervals up to date";
// The WAL is written back when it has this many pages (64 MiB); only here, see database.cc.
constexpr const char* kCheckpointPragma = "PRAGMA wal_autocheckpoint = 4096";
constexpr const char* kSelectLag =
    "SELECT h.size - p.log_size FROM audit_head AS h CROSS JOIN projection AS p "
    "WHERE h.id = 1 AND p.id = 1";

void require_recordable_words(const rules::Lifecycle& lifecycle) {
    const auto require = [](const std::string& word) {
        if (word.size() > kWordBytesMax) {
            throw Failure(ErrorKind::malformed,
                          "lifecycle: expected words of at most " + std::to_string(kWordBytesMax) +
                              " bytes, one has " + std::to_string(word.size()));
        }
    };
    for (const auto& [service_type, service] : lifecycle.services) {
        for (const auto& [word, policy] : service.policies) {
            require(word);
        }
        for (const auto& [word, status] : service.aliases) {
            require(word);
        }
    }
}

}  // namespace

IngestCounts& IngestCounts::operator+=(const IngestCounts& other) {
    received += other.received;
    accepted += other.accepted;
    duplicate += other.duplicate;
    rejected += other.rejected;
    redelivered += other.redelivered;
    return *this;
}

class IngestStore::State {
public:
    State(Database& database,
          const rules::Lifecycle& lifecycle,
          const audit::SigningKey& key,
          const Clock& clock,
          IngestOptions options)
        : session_(database.session()),
          lifecycle_(lifecycle),
          key_(key),
          clock_(clock),
          options_(std::move(options)) {
        require_recordable_words(lifecycle);
        if (options_.writes_back) {
            migrations::run_script(session_, kCheckpointPragma, kAppending);
        }
    }

    IngestCounts append(std::span<DraftedMessage> batch) {
        migrations::WriteTransaction transaction(session_, kAppending);
        // Out of reach until the commit: when anything throws, memory and statements go with it,
        // and the next call begins from what the database holds.
        auto writer = take_writer();
        const std::int64_t now = clock_.now().micros;
        writer->note_book(options_, now);
        const IngestCounts counts = writer->append(batch, options_.actor, now);
        transaction.commit();
        keep(std::move(writer));
        return counts;
    }

    std::vector<RetryOutcome> retry(std::span<const RetriedMessage> batch) {
        migrations::run_script(session_, kWaitLong, kRetrying);
        migrations::WriteTransaction transaction(session_, kRetrying);
        auto writer = take_writer();
        std::vector<RetryOutcome> outcomes = writer->retry(batch, options_, clock_.now().micros);
        transaction.commit();
        keep(std::move(writer));
        return outcomes;
    }

    std::vector<SequenceRange> review(const SourceState& state) {
        migrations::WriteTransaction transaction(session_, kReviewing);
        SourceReview review = review_source(session_, state);
        record(review.findings, transaction);
        return std::move(review.holes);
    }

    void record_gaps(const SourceState& state, std::span<const SourceGap> gaps) {
        migrations::WriteTransaction transaction(session_, kReviewing);
        std::vector<SourceFinding> findings;
        for (const SourceGap& gap : gaps) {
            keep_gap(session_, state, gap);
            findings.push_back(gap_finding(state, gap));
        }
        record(findings, transaction);
    }

    void record_rewind(const StreamRewind& rewind) {
        migrations::WriteTransaction transaction(session_, kReviewing);
        const std::array findings{note_rewind(session_, rewind)};
        record(findings, transaction);
    }

    [[nodiscard]] std::vector<BrokerPosition> newest(const std::string& stream) {
        return store::newest_positions(session_, stream);
    }

    [[nodiscard]] std::optional<BrokerPosition> find(const BrokerPosition& position) {
        return store::recorded_as(session_, position);
    }

    [[nodiscard]] std::vector<AccountedStream> accounted(const DurableName& name) {
        return accounted_streams(session_, name.stream, name.durable);
    }

    [[nodiscard]] std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

    [[nodiscard]] std::int64_t select_number(const char* sql) {
        std::int64_t number = 0;
        session_ << sql, soci::into(number);
        return number;
    }

    void project(std::int64_t records_max) {
        migrations::WriteTransaction transaction(session_, kProjecting);
        // Out of reach until the commit, like the writer.
        auto instances = take_instances();
        Projection projection(session_, lifecycle_, *instances);
        projection.adopt_lifecycle();
        const std::int64_t from = read_projection_state(session_).log_size;
        const std::int64_t to = std::min(select_number(kSelectLogSize), from + records_max);
        projection.take_in(accepted_in({from, to}), to);
        transaction.commit();
        instances_ = std::move(instances);
    }

private:
    // From memory what this process has just recorded, else from the log.
    std::vector<RecordedEvent> accepted_in(SeqRange range) {
        if (writer_ != nullptr && writer_->is_current()) {
            if (auto kept = writer_->take_accepted(range)) {
                return std::move(*kept);
            }
        }
        std::vector<RecordedEvent> events;
        visit_accepted_events(session_, range, [&events](RecordedEvent&& event) {
            events.push_back(std::move(event));
        });
        return events;
    }

    // Ends the transaction.
    void record(std::span<const SourceFinding> findings,
                migrations::WriteTransaction& transaction) {
        if (findings.empty()) {
            transaction.commit();
            return;
        }
        auto writer = take_writer();
        writer->record(findings, options_.actor, clock_.now().micros);
        transaction.commit();
        keep(std::move(writer));
    }

    // What the writer wrote is durable.
    void keep(std::unique_ptr<IngestWriter> writer) {
        for (std::string& warning : writer->take_warnings()) {
            warnings_.push_back(std::move(warning));
        }
        writer_ = std::move(writer);
    }

    std::unique_ptr<IngestWriter> take_writer() {
        auto writer = std::move(writer_);
        if (writer == nullptr || !writer->is_current()) {
            writer = std::make_unique<IngestWriter>(session_, lifecycle_, key_, DigestOptions{});
        }
        return writer;
    }

    std::unique_ptr<InstanceIndex> take_instances() {
        auto instances = std::move(instances_);
        if (instances == nullptr || !instances->is_current()) {
            instances = std::make_unique<InstanceIndex>(session_);
        }
        return instances;
    }

    soci::session& session_;
    const rules::Lifecycle& lifecycle_;
    const audit::SigningKey& key_;
    const Clock& clock_;
    IngestOptions options_;
    std::unique_ptr<IngestWriter> writer_;
    std::unique_ptr<InstanceIndex> instances_;
    std::vector<std::string> warnings_;
};

IngestStore::IngestStore(Database& database,
                         const rules::Lifecycle& lifecycle,
                         const audit::SigningKey& key,
                         const Clock& clock,
                         IngestOptions options)
    : state_(std::make_unique<State>(database, lifecycle, key, clock, std::move(options))) {}

IngestStore::~IngestStore() = default;

IngestCounts IngestStore::append(std::span<DraftedMessage> batch) {
    if (batch.empty()) {
        return {};
    }
    return guarded(kAppending, [&] { return state_->append(batch); });
}

std::vector<RetryOutcome> IngestStore::retry(std::span<const RetriedMessage> batch) {
    if (batch.empty()) {
        return {};
    }
    return guarded(kRetrying, [&] { return state_->retry(batch); });
}

std::vector<SequenceRange> IngestStore::review(const SourceState& state) {
    return guarded(kReviewing, [&] { return state_->review(state); });
}

void IngestStore::record_gaps(const SourceState& state, std::span<const SourceGap> gaps) {
    if (!gaps.empty()) {
        guarded(kReviewing, [&] { state_->record_gaps(state, gaps); });
    }
}

void IngestStore::record_rewind(const StreamRewind& rewind) {
    guarded(kReviewing, [&] { state_->record_rewind(rewind); });
}

std::vector<BrokerPosition> IngestStore::newest_positions(const std::string& stream) const {
    return guarded(kReviewing, [&] { return state_->newest(stream); });
}

std::optional<BrokerPosition> IngestStore::recorded_as(const BrokerPosition& position) const {
    return guarded(kReviewing, [&] { return state_->find(position); });
}

std::vector<AccountedStream> IngestStore::accounted(const DurableName& name) const {
    return guarded(kReviewing, [&] { return state_->accounted(name); });
}

std::vector<std::string> IngestStore::take_warnings() {
    return state_->take_warnings();
}

std::int64_t IngestStore::projection_lag() const {
    return guarded(kProjecting, [this] { return state_->select_number(kSelectLag); });
}

void IngestStore::project(std::int64_t records_max) {
    guarded(kProjecting, [&] { state_->project(records_max); });
}

std::int64_t IngestStore::log_size() const {
    return guarded(kAppending, [this] { return state_->select_number(kSelectLogSize); });
}

}  // namespace dcm::store
