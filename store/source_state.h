#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// Stream sequences, both ends included.
struct SequenceRange {
    std::int64_t first = 0;
    std::int64_t last = 0;

    bool operator==(const SequenceRange&) const = default;
};

// What the broker says about a stream and our durable on it, at a moment when everything that was
// delivered to us is recorded.
struct SourceState {
    std::string stream;
    std::int64_t created_ns = 0;
    std::string durable;
    std::int64_t first_sequence = 0;  // the oldest the stream holds, or will hold
    std::int64_t last_sequence = 0;
    // Nothing up to here is on its way to anybody: it will not come by itself any more.
    std::int64_t settled_to = 0;
    // The durable has delivered nothing yet, so it has skipped only what is gone.
    bool untouched = false;
    // Another member takes messages of the same durable.
    bool shared = false;
};

// A stream that lost its end since that was recorded: it ends at `last_sequence` now, by chance
// behind what is recorded, and holds other messages, or none, behind `same_to`.
struct StreamRewind {
    std::string stream;
    std::int64_t created_ns = 0;
    std::int64_t last_sequence = 0;
    std::int64_t same_to = 0;
};

// A durable of a stream, as the broker names both.
struct DurableName {
    std::string stream;
    std::string durable;
};

// A stream, and up to where each of its sequences is accounted for: recorded, or told as a gap.
struct AccountedStream {
    std::int64_t created_ns = 0;
    std::int64_t sequence = 0;
    bool shared = false;  // others were given messages of the durable: holes are told no more
};

// Of that stream; to sequence 0 when there is none. Pure.
[[nodiscard]] AccountedStream account_of(std::int64_t created_ns,
                                         std::span<const AccountedStream> accounted);

// Why a sequence has no record, as the log spells it.
enum class GapCause {
    discarded,   // before the stream's first message: limits or a purge
    deleted,     // between messages that are there
    unrecorded,  // past the durable, not in the log, and the stream does not give it out
};
[[nodiscard]] std::string_view gap_cause_name(GapCause cause);

struct SourceGap {
    SequenceRange range;
    GapCause cause = GapCause::discarded;

    bool operator==(const SourceGap&) const = default;
};

// What is missing in `window`: ranges that `covered`, sorted by their first sequence and possibly
// overlapping, leave open. At most `count_max` of them, the lowest. Pure.
[[nodiscard]] std::vector<SequenceRange> holes_in(SequenceRange window,
                                                  const std::vector<SequenceRange>& covered,
                                                  std::size_t count_max);

// How far `covered` reaches from `after` + 1 on without a hole; `after` when not at all. Pure.
[[nodiscard]] std::int64_t covered_to(std::int64_t after,
                                      const std::vector<SequenceRange>& covered);

// A hole that was looked at, what the stream still holds of it, ascending, and where the stream
// begins: what is lost, and why. Pure.
[[nodiscard]] std::vector<SourceGap> explain_hole(const SequenceRange& hole,
                                                  const std::vector<std::int64_t>& held,
                                                  std::int64_t first_sequence);

// Where a new durable's accounting begins: the sequence before the first that is ours. `recorded`
// is what the log has of the stream. Pure.
[[nodiscard]] std::int64_t accounted_before(const SourceState& state,
                                            const std::vector<SequenceRange>& recorded);

}  // namespace dcm::store
