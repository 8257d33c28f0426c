#include "consumer/ingest.h"

#include "consumer/source_review.h"
#include "store/beside.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <numeric>
#include <semaphore>
#include <utility>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

// A stop is noticed between two pulls.
constexpr milliseconds kPullMax{100};
// A batch takes no further messages once their payloads have this many bytes; one pull adds little
// more than kPullBytesMax.
constexpr std::size_t kBatchBytesMax = std::size_t{32} * 1'048'576;
constexpr std::size_t kPullCountMax = 250;

// Releases, however its scope is left.
class Release {
public:
    explicit Release(std::binary_semaphore& semaphore) : semaphore_(semaphore) {}
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    ~Release() { semaphore_.release(); }

private:
    std::binary_semaphore& semaphore_;
};

std::size_t payload_bytes(const std::vector<Message>& messages) {
    return std::accumulate(
        messages.begin(), messages.end(), std::size_t{0}, [](std::size_t sum, const Message& one) {
            return sum + one.payload.size();
        });
}

}  // namespace

std::vector<store::DecidedMessage> prepare(std::vector<Message> messages,
                                           const rules::Lifecycle& lifecycle,
                                           const DecodeLimits& limits) {
    std::vector<store::DecidedMessage> out;
    out.reserve(messages.size());
    for (Message& message : messages) {
        billing::Decision decision = decode(message, lifecycle, limits);
        out.push_back({std::move(message), std::move(decision)});
    }
    return out;
}

Ingest::Ingest(MessageSource& source,
               store::IngestStore& store,
               const rules::Lifecycle& lifecycle,
               IngestSettings settings)
    : source_(source), store_(store), lifecycle_(lifecycle), settings_(std::move(settings)) {}

Ingest::Step Ingest::step(const std::atomic<bool>& stop) {
    report_commits();
    keep();
    begin();
    // What a failed attempt or the last step left goes first.
    if (!take_pulled()) {
        gather(current_.gathered, stop);
        decide(current_);
    }
    if (current_.drafts.empty()) {
        review();
        follow(/*lag_max=*/0);
        if (settings_.on_idle) {
            settings_.on_idle();
        }
        return Step::idle;
    }
    // Where a durable begins is noted before its first acknowledgement. What was pulled is recorded
    // all the same, and later it goes first: the broker may not answer.
    const std::int64_t received_before = totals_.received;
    const bool begins = begins_stream();
    const std::exception_ptr unanswered = begins ? try_review() : nullptr;
    record(stop);
    if (unanswered != nullptr) {
        std::rethrow_exception(unanswered);
    }
    if (!begins) {
        review();
    }
    return totals_.received == received_before ? Step::repeated : Step::worked;
}

void Ingest::finish() {
    while (take_pulled()) {
        settle(store_.append(current_.drafts));
    }
    report_commits();
    while (store_.projection_lag() > 0) {
        store_.project(settings_.project_step);
    }
}

bool Ingest::drained() {
    return source_.drained() && !review();
}

bool Ingest::review() {
    const ReviewOutcome outcome = review_source(source_, store_, lifecycle_, settings_.limits);
    totals_ += outcome.counts;
    unreported_ += outcome.counts;
    report_due_ = report_due_ || outcome.worked;
    if (outcome.is_complete && settings_.on_reviewed) {
        settings_.on_reviewed();
    }
    return outcome.worked;
}

// Where a new durable begins is noted before anything is asked of it: what it delivers to a process
// that is killed then is ours all the same. When that fails, the next step reads on nevertheless.
void Ingest::begin() {
    if (!has_begun_) {
        source_.attach();
        has_begun_ = true;
        review();
    }
}

bool Ingest::begins_stream() {
    const std::optional<BrokerPosition>& newest = current_.drafts.back().decided.message.position;
    return newest.has_value() &&
           std::exchange(created_ns_, newest->created_ns) != newest->created_ns;
}

std::exception_ptr Ingest::try_review() {
    try {
        review();
    } catch (const Failure&) {
        return std::current_exception();
    }
    return nullptr;
}

bool Ingest::take_pulled() {
    if (current_.is_empty()) {
        current_ = std::exchange(next_, {});
    }
    decide(current_);
    return !current_.drafts.empty();
}

void Ingest::gather(std::vector<Message>& gathered, const std::atomic<bool>& stop) {
    // A pull that returns less than asked for has waited its time: no clock is needed.
    milliseconds left = settings_.commit_interval;
    std::size_t bytes = 0;
    do {
        const milliseconds wait = std::min(left, kPullMax);
        const std::size_t room = std::min(settings_.commit_events - gathered.size(), kPullCountMax);
        std::vector<Message> pulled = source_.pull(room, wait);
        const std::size_t pulled_bytes = payload_bytes(pulled);
        const bool is_full = pulled.size() == room || pulled_bytes >= kPullBytesMax;
        left -= is_full ? milliseconds(0) : wait;
        bytes += pulled_bytes;
        if (gathered.empty()) {
            gathered = std::move(pulled);
        } else {
            std::move(pulled.begin(), pulled.end(), std::back_inserter(gathered));
        }
    } while (left.count() > 0 && gathered.size() < settings_.commit_events &&
             bytes < kBatchBytesMax && !stop);
}

void Ingest::decide(Batch& batch) {
    if (batch.drafts.empty()) {
        drafter_.reserve(batch.gathered.size());
        batch.drafts = drafter_.draft(
            prepare(std::exchange(batch.gathered, {}), lifecycle_, settings_.limits));
    }
}

void Ingest::record(const std::atomic<bool>& stop) {
    const bool is_full = current_.drafts.size() >= settings_.commit_events && !stop;
    store::IngestCounts counts;
    const auto append = [&] {
        if (is_full && store_.projection_lag() > settings_.lag_max) {
            store_.project(settings_.project_step);
        }
        counts = store_.append(current_.drafts);
    };
    const auto feed = [&] {
        // It is there already when the last append failed: then no more is pulled.
        if (is_full && next_.is_empty()) {
            gather(next_.gathered, stop);
        }
        decide(next_);
    };
    const std::exception_ptr unfed = work_while_kept(append, feed);
    settle(counts);
    if (unfed != nullptr) {
        std::rethrow_exception(unfed);  // comes after the acknowledgement
    }
    if (!is_full) {
        follow(/*lag_max=*/0);
    }
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): one call, of both.
std::exception_ptr Ingest::work_while_kept(const std::function<void()>& work,
                                           const std::function<void()>& feed) {
    std::binary_semaphore done(0);
    // Where the system has no thread to give, it is done in this one, after the work.
    std::exception_ptr unfed;
    std::future<void> beside = std::async(store::kBeside, [this, &feed, &done, &unfed] {
        try {
            feed();
        } catch (const Failure&) {
            unfed = std::current_exception();  // what is held is kept all the same
        }
        while (!done.try_acquire_for(settings_.keep_interval)) {
            keep();
        }
    });
    {
        const Release release(done);
        work();
    }
    beside.get();
    return unfed;
}

void Ingest::keep() {
    std::vector<const Message*> held;
    for (const Batch* const batch : {&current_, &next_}) {
        for (const store::DraftedMessage& one : batch->drafts) {
            held.push_back(&one.decided.message);
        }
        for (const Message& one : batch->gathered) {
            held.push_back(&one);
        }
    }
    if (!held.empty()) {
        source_.keep(held);
    }
}

void Ingest::follow(std::int64_t lag_max) {
    if (store_.projection_lag() > lag_max) {
        const auto nothing_to_feed = [] {};
        static_cast<void>(
            work_while_kept([this] { store_.project(settings_.project_step); }, nothing_to_feed));
    }
}

void Ingest::settle(const store::IngestCounts& counts) {
    std::vector<Message> durable;
    durable.reserve(current_.drafts.size());
    for (store::DraftedMessage& one : current_.drafts) {
        durable.push_back(std::move(one.decided.message));
    }
    current_.drafts.clear();
    totals_ += counts;
    unreported_ += counts;
    report_due_ = true;
    source_.acknowledge(durable);
    report_commits();
}

void Ingest::report_commits() {
    if (!report_due_) {
        return;
    }
    if (settings_.after_commit) {
        settings_.after_commit(unreported_);
    }
    unreported_ = {};
    report_due_ = false;
}

}  // namespace dcm::consumer
