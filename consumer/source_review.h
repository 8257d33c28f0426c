#pragma once

#include "consumer/decode.h"
#include "consumer/message_source.h"
#include "rules/lifecycle.h"
#include "store/ingest_store.h"

namespace dcm::consumer {

struct ReviewOutcome {
    // Holes were found and dealt with: there may be more of them.
    bool worked = false;
    // The source had something to say, and there are none.
    bool is_complete = false;
    store::IngestCounts counts;  // of the messages that were fetched and recorded
};

// Holds the log against the broker, when the source has something new to say: sequences that will
// not be delivered any more are fetched from the stream and recorded like any message; what the
// stream has not got either is recorded as source.gap. Bounded; the next call goes on.
//
// Called between two batches, in the order in which the source was read. Throws Failure; calling
// again goes on.
[[nodiscard]] ReviewOutcome review_source(MessageSource& source,
                                          store::IngestStore& store,
                                          const rules::Lifecycle& lifecycle,
                                          const DecodeLimits& limits);

}  // namespace dcm::consumer
