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
    std::vector<store::SourceGap> gaps;
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
    }
    const auto gaps =
        store::explain_hole({hole.first, found.looked_to}, held, state.first_sequence);
    out.gaps.insert(out.gaps.end(), gaps.begin(), gaps.end());
    if (!found.refusal.empty()) {
        out.gaps.push_back({{found.looked_to + 1, hole.last}, store::GapCause::unrecorded});
    }
    std::move(found.messages.begin(), found.messages.end(), std::back_inserter(out.fetched));
}

}  // namespace

ReviewOutcome review_source(MessageSource& source,
                            store::IngestStore& store,
                            const rules::Lifecycle& lifecycle,
                            const DecodeLimits& limits) {
    ReviewOutcome outcome;
    const std::optional<store::SourceState> state = source.state();
    if (!state.has_value()) {
        return outcome;
    }
    Explanation explanation;
    for (const store::SequenceRange& hole : store.review(*state)) {
        outcome.worked = true;
        if (explanation.fetched.size() < kFetchMax) {
            explain(source, *state, hole, explanation);
        }
    }
    outcome.is_complete = !outcome.worked;
    // Last what is counted: a failure before it has recorded no message.
    store.record_gaps(*state, explanation.gaps);
    if (!explanation.fetched.empty()) {
        auto drafts =
            store::Drafter().draft(prepare(std::move(explanation.fetched), lifecycle, limits));
        outcome.counts = store.append(drafts);
    }
    return outcome;
}

}  // namespace dcm::consumer
