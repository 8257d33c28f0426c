#include "consumer/source_review.h"

#include "consumer/ingest.h"
#include "store/draft.h"

#include <algorithm>
#include <iterator>

namespace dcm::consumer {
namespace {

// Fetched in one call; each is a question to the broker.
constexpr std::size_t kFetchMax = 250;

// What a look at the stream says about holes.
struct Explanation {
    std::vector<Message> fetched;
    std::size_t bytes = 0;  // of their payloads
    std::vector<store::SourceGap> gaps;

    [[nodiscard]] bool has_room() const {
        return fetched.size() < kFetchMax && bytes < kPullBytesMax;
    }
};

void explain(MessageSource& source,
             const store::SourceState& state,
             const store::SequenceRange& hole,
             Explanation& out) {
    // What the stream has discarded need not be asked for.
    const store::SequenceRange asked{std::max(hole.first, state.first_sequence), hole.last};
    StoredMessages found;
    found.looked_to = hole.last;
    if (asked.first <= asked.last) {
        found = source.fetch(asked, kFetchMax - out.fetched.size());
    }
    std::vector<std::int64_t> held;
    held.reserve(found.messages.size());
    for (const Message& message : found.messages) {
        held.push_back(message.stream_seq);
        out.bytes += message.payload.size();
    }
    const auto gaps =
        store::explain_hole({hole.first, found.looked_to}, held, state.first_sequence);
    out.gaps.insert(out.gaps.end(), gaps.begin(), gaps.end());
    if (!found.refusal.empty()) {
        out.gaps.push_back({{found.looked_to + 1, hole.last}, store::GapCause::unrecorded});
    }
    std::move(found.messages.begin(), found.messages.end(), std::back_inserter(out.fetched));
}

std::int64_t recorded_to(const store::IngestStore& store, const store::StreamRewind& rewind) {
    for (const BrokerPosition& position : store.newest_positions(rewind.stream)) {
        if (position.created_ns == rewind.created_ns) {
            return position.sequence;
        }
    }
    return 0;
}

// Up to where the stream holds what is recorded; where it holds nothing, that counts as the same.
// What is held and not recorded, in place of a gap, is not. Where the broker gives out nothing, no
// message is known to be the same.
std::int64_t find_same_to(MessageSource& source,
                          const store::IngestStore& store,
                          const store::StreamRewind& rewind) {
    std::int64_t same_to = std::min(rewind.last_sequence, recorded_to(store, rewind));
    const std::int64_t nothing_to = std::min(rewind.same_to, same_to);
    std::int64_t low = nothing_to;
    std::int64_t high = same_to + 1;
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        const StoredMessages found = source.first_held({middle, high - 1});
        if (!found.refusal.empty()) {
            return nothing_to;
        }
        if (found.messages.empty()) {
            high = middle;
            continue;
        }
        const BrokerPosition held = found.messages.front().position.value_or(BrokerPosition{});
        if (store.recorded_as(held) == held) {
            low = held.sequence;
        } else {
            high = middle;
            same_to = held.sequence - 1;
        }
    }
    return same_to;
}

bool record_rewind(MessageSource& source, store::IngestStore& store) {
    std::optional<store::StreamRewind> rewind = source.rewind();
    if (!rewind.has_value()) {
        return false;
    }
    rewind->same_to = find_same_to(source, store, *rewind);
    store.record_rewind(*rewind);
    source.rewind_recorded(store.newest_positions(rewind->stream));
    return true;
}

}  // namespace

ReviewOutcome review_source(MessageSource& source,
                            store::IngestStore& store,
                            const rules::Lifecycle& lifecycle,
                            const DecodeLimits& limits) {
    ReviewOutcome outcome;
    if (record_rewind(source, store)) {
        outcome.worked = true;
        return outcome;
    }
    const std::optional<store::SourceState> state = source.state();
    if (!state.has_value()) {
        return outcome;
    }
    Explanation explanation;
    const std::vector<store::SequenceRange> holes = store.review(*state);
    outcome.is_complete = holes.empty();
    for (const store::SequenceRange& hole : holes) {
        if (explanation.has_room()) {
            explain(source, *state, hole, explanation);
        }
    }
    // Last what is counted: a failure before it has recorded no message.
    store.record_gaps(*state, explanation.gaps);
    outcome.worked = !explanation.gaps.empty() || !explanation.fetched.empty();
    if (!explanation.fetched.empty()) {
        auto drafts =
            store::Drafter().draft(prepare(std::move(explanation.fetched), lifecycle, limits));
        outcome.counts = store.append(drafts);
    }
    return outcome;
}

}  // namespace dcm::consumer
