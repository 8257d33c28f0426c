#include "consumer/ingest.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

// A stop is noticed between two pulls.
constexpr milliseconds kPullMax{100};
// A batch takes no further messages once their payloads have this many bytes; one pull adds at most
// kPullCountMax.
constexpr std::size_t kBatchBytesMax = std::size_t{32} * 1'048'576;
constexpr std::size_t kPullCountMax = 250;

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
    // What a failed attempt left goes first.
    if (prepared_.empty() && gathered_.empty()) {
        gather(stop);
    }
    const bool full = gathered_.size() + prepared_.size() >= settings_.commit_events;
    const bool any = !gathered_.empty() || !prepared_.empty();
    commit();
    const std::int64_t lag = store_.projection_lag();
    if (lag > settings_.lag_max || (lag > 0 && !full)) {
        store_.project(settings_.project_step);
    }
    if (!any && settings_.on_idle) {
        settings_.on_idle();
    }
    return any ? Step::worked : Step::idle;
}

void Ingest::finish() {
    commit();
    report_commits();
    while (store_.projection_lag() > 0) {
        store_.project(settings_.project_step);
    }
}

bool Ingest::drained() {
    return source_.drained();
}

void Ingest::gather(const std::atomic<bool>& stop) {
    // A pull that returns less than asked for has waited its time: no clock is needed.
    milliseconds left = settings_.commit_interval;
    std::size_t bytes = 0;
    do {
        const milliseconds wait = std::min(left, kPullMax);
        const std::size_t room =
            std::min(settings_.commit_events - gathered_.size(), kPullCountMax);
        std::vector<Message> pulled = source_.pull(room, wait);
        left -= pulled.size() < room ? wait : milliseconds(0);
        bytes += payload_bytes(pulled);
        if (gathered_.empty()) {
            gathered_ = std::move(pulled);
        } else {
            std::move(pulled.begin(), pulled.end(), std::back_inserter(gathered_));
        }
    } while (left.count() > 0 && gathered_.size() < settings_.commit_events &&
             bytes < kBatchBytesMax && !stop);
}

void Ingest::commit() {
    if (prepared_.empty()) {
        prepared_ = prepare(std::exchange(gathered_, {}), lifecycle_, settings_.limits);
    }
    if (prepared_.empty()) {
        return;
    }
    const store::IngestCounts counts = store_.append(prepared_);
    std::vector<Message> durable;
    durable.reserve(prepared_.size());
    for (store::DecidedMessage& one : prepared_) {
        durable.push_back(std::move(one.message));
    }
    prepared_.clear();
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
