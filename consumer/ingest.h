#pragma once

#include "consumer/decode.h"
#include "consumer/message_source.h"
#include "rules/lifecycle.h"
#include "store/ingest_store.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

namespace dcm::consumer {

struct IngestSettings {
    // A batch is committed when it has so many messages, or so long after it was begun.
    std::size_t commit_events = 5'000;
    std::chrono::milliseconds commit_interval{50};
    DecodeLimits limits;
    // While the database is slow the source hears so often that messages are still held.
    std::chrono::milliseconds keep_interval{1'000};
    // The projection follows when nothing else is to do, or when it lags by more than this.
    std::int64_t lag_max = 50'000;
    // Records one step of it takes in.
    std::int64_t project_step = 20'000;
    // Told after each commit and its acknowledgement, with what it added; when it throws a Failure
    // (environment) it is told again, with what came since added.
    std::function<void(const store::IngestCounts&)> after_commit;
    // Told when the source has said what it holds, and nothing of it is missing in the log.
    std::function<void()> on_reviewed;
    // Told at each step that found nothing to do.
    std::function<void()> on_idle;
};

// The first stage: rules 1–6 on each message. Pure; any thread may run it.
[[nodiscard]] std::vector<store::DecidedMessage> prepare(std::vector<Message> messages,
                                                         const rules::Lifecycle& lifecycle,
                                                         const DecodeLimits& limits);

// From a source into the store, one batch at a time, in two stages: feed (pull, decide, draft),
// record (project, append, acknowledge). While a full batch is recorded, the next one is fed by a
// thread of its own; never more than these two are held.
//
// Any call may throw Failure; what was pulled and not committed is kept, and the next call goes on
// with it. So calling again loses nothing and acknowledges nothing before its commit.
class Ingest {
public:
    // `repeated`: what came is recorded already.
    enum class Step { worked, repeated, idle };

    // All of them outlive this.
    Ingest(MessageSource& source,
           store::IngestStore& store,
           const rules::Lifecycle& lifecycle,
           IngestSettings settings);

    // Records one batch. A stop ends the waiting for messages; what came is committed all the same.
    Step step(const std::atomic<bool>& stop);
    // Commits what was pulled and brings the projection up to the log. Pulls nothing.
    void finish();
    // Whether the source has nothing left.
    [[nodiscard]] bool drained();
    // Tells the source that what was pulled is still held: to be called in any wait between steps.
    void keep();

    [[nodiscard]] const store::IngestCounts& totals() const { return totals_; }

private:
    // What one commit records.
    struct Batch {
        std::vector<Message> gathered;  // pulled, not decided yet
        std::vector<store::DraftedMessage> drafts;

        [[nodiscard]] bool is_empty() const { return gathered.empty() && drafts.empty(); }
    };

    // Once, before the first pull.
    void begin();
    // Makes what was pulled before the current batch; whether there was anything.
    [[nodiscard]] bool take_pulled();
    void gather(std::vector<Message>& gathered, const std::atomic<bool>& stop);
    void decide(Batch& batch);
    // Records the current batch; while that lasts, a full one is fed its successor.
    void record(const std::atomic<bool>& stop);
    // Works in this thread, while another one feeds and then keeps what is held. A Failure of the
    // feeding is returned.
    [[nodiscard]] std::exception_ptr work_while_kept(const std::function<void()>& work,
                                                     const std::function<void()>& feed);
    // One step of the projection when it lags by more than this.
    void follow(std::int64_t lag_max);
    // Acknowledges the current batch, which is durable.
    void settle(const store::IngestCounts& counts);
    // Whether holes were found and dealt with.
    bool review();
    // The same; a Failure is returned.
    [[nodiscard]] std::exception_ptr try_review();
    // Whether the current batch is the first of a stream, or of a stream that was made anew.
    [[nodiscard]] bool begins_stream();
    void report_commits();

    MessageSource& source_;
    store::IngestStore& store_;
    const rules::Lifecycle& lifecycle_;
    IngestSettings settings_;
    store::Drafter drafter_;
    Batch current_;
    Batch next_;
    store::IngestCounts totals_;
    store::IngestCounts unreported_;
    bool report_due_ = false;
    bool has_begun_ = false;
    std::int64_t created_ns_ = 0;  // of the stream that was read last
};

}  // namespace dcm::consumer
