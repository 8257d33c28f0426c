#include "store/source_finding.h"

#include "audit/record.h"

#include <nlohmann/json.hpp>

namespace dcm::store {
namespace {

using nlohmann::json;

constexpr std::string_view kSubjectPrefix = "stream/";

// Compact, members sorted by name; bytes that are no UTF-8 are replaced.
std::string text_of(const json& body) {
    return body.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

std::string shown(const SequenceRange& range) {
    const std::string first = std::to_string(range.first);
    return range.first == range.last ? "sequence " + first
                                     : "sequences " + first + " to " + std::to_string(range.last);
}

std::string meaning_of(GapCause cause) {
    switch (cause) {
        case GapCause::discarded:
            return "the stream's limits or a purge discarded them before they were read";
        case GapCause::deleted:
            return "they were deleted from the stream before they were read";
        case GapCause::unrecorded:
            return "the durable is past them, and the broker does not give them out";
    }
    return "";
}

}  // namespace

SourceFinding gap_finding(const SourceState& state, const SourceGap& gap) {
    SourceFinding finding;
    finding.kind = audit::kSourceGap;
    finding.stream = state.stream;
    finding.reason = gap_cause_name(gap.cause);
    finding.body = text_of({{"cause", finding.reason},
                            {"created", state.created_ns},
                            {"first", gap.range.first},
                            {"last", gap.range.last},
                            {"stream", state.stream}});
    finding.warning = "stream '" + state.stream + "': " + shown(gap.range) +
                      " will never be recorded: " + meaning_of(gap.cause) + " (source.gap, " +
                      finding.reason + ")";
    return finding;
}

SourceFinding recreation_finding(const Recreation& recreation) {
    SourceFinding finding;
    finding.kind = audit::kSourceReset;
    finding.stream = recreation.stream;
    finding.reason = "recreated";
    finding.body = text_of({{"cause", finding.reason},
                            {"created", recreation.created_ns},
                            {"created_before", recreation.created_before_ns},
                            {"stream", recreation.stream}});
    finding.warning = "stream '" + recreation.stream +
                      "' is another one than before: it was made anew, its sequences begin again "
                      "(source.reset, recreated)";
    return finding;
}

SourceFinding rewind_finding(const StreamRewind& rewind, std::int64_t recorded_to) {
    SourceFinding finding;
    finding.kind = audit::kSourceReset;
    finding.stream = rewind.stream;
    finding.reason = "rewound";
    finding.body = text_of({{"cause", finding.reason},
                            {"created", rewind.created_ns},
                            {"last", rewind.last_sequence},
                            {"recorded_to", recorded_to},
                            {"same_to", rewind.same_to},
                            {"stream", rewind.stream}});
    finding.warning = "stream '" + rewind.stream + "' is what was recorded up to sequence " +
                      std::to_string(rewind.same_to) + ", but " + std::to_string(recorded_to) +
                      " is recorded: the broker lost its end and uses those sequences again "
                      "(source.reset, rewound)";
    return finding;
}

SourceFinding divergence_finding(const BrokerPosition& position, std::int64_t recorded_seq) {
    SourceFinding finding;
    finding.kind = audit::kSourceDivergence;
    finding.stream = position.stream;
    finding.reason = "sequence_reused";
    finding.body = text_of({{"created", position.created_ns},
                            {"recorded_seq", recorded_seq},
                            {"sequence", position.sequence},
                            {"stored", position.stored_ns},
                            {"stream", position.stream}});
    finding.broker_pos = format_position(position);
    finding.warning = "stream '" + position.stream + "': sequence " +
                      std::to_string(position.sequence) +
                      " came again with another message, both are recorded (source.divergence)";
    return finding;
}

void fill_finding_record(const SourceFinding& finding, audit::Record& record) {
    record.kind = finding.kind;
    record.subject = std::string(kSubjectPrefix) + finding.stream;
    record.outcome = audit::kOutcomeDone;
    record.reason = finding.reason;
    record.body = finding.body;
    record.broker_pos = finding.broker_pos;
}

}  // namespace dcm::store
