#include "store/closing_doubts.h"

#include "billing/event.h"
#include "store/closing_words.h"
#include "store/projection.h"
#include "store/recorded_message.h"
#include "store/statement.h"

#include <utility>

namespace dcm::store {
namespace {

// The first term is that of a partial index (migration 0015).
constexpr const char* kCountGaps =
    "SELECT count(*) FROM audit_log WHERE kind = 'source.gap' AND seq >= :from";

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::int64_t count_gaps(soci::session& session, std::int64_t from) {
    std::int64_t gaps = 0;
    session << kCountGaps, soci::use(from, "from"), soci::into(gaps);
    return gaps;
}

// How many are rejected, of which how many before the month.
struct Rejected {
    std::int64_t all = 0;
    std::int64_t late = 0;
};

Rejected count_rejected(soci::session& session, const ClosingScope& scope) {
    Rejected rejected;
    RecordedMessages messages(session);
    messages.each_rejected_first([&](const RecordedMessage& message) {
        const bool is_rejected =
            message.verdict == billing::verdict_name(billing::Verdict::rejected);
        const Instant at = counted_at(message);
        if (is_rejected && scope.contains(message.seq, at)) {
            ++rejected.all;
            rejected.late += at < scope.during.start ? 1 : 0;
        }
    });
    return rejected;
}

std::string told(const Rejected& rejected) {
    const std::int64_t of_month = rejected.all - rejected.late;
    std::string text =
        of_month > 0 ? counted(of_month, "message", "messages") + " of the month rejected" : "";
    if (rejected.late > 0) {
        text += (text.empty() ? "" : ", ") + counted(rejected.late, "message", "messages") +
                " late for a closed month rejected";
    }
    return text;
}

std::int64_t count_not_projected(const LogReader& snapshot, Instant before) {
    soci::session& session = snapshot.database().session();
    std::int64_t events = 0;
    visit_accepted_events(
        session,
        {read_projection_state(session).log_size, snapshot.head().size},
        [&](const RecordedEvent& event) { events += event.order.time < before ? 1 : 0; });
    return events;
}

}  // namespace

std::vector<std::string> doubt_names() {
    std::vector<std::string> names;
    for (const std::string_view name : {kDoubtBacklog,
                                        kDoubtEarly,
                                        kDoubtGaps,
                                        kDoubtGrace,
                                        kDoubtProjection,
                                        kDoubtQuarantine,
                                        kDoubtUnrated,
                                        kDoubtWords}) {
        names.emplace_back(name);
    }
    return names;
}

std::vector<ClosingDoubt> find_doubts(const LogReader& snapshot, const ClosingQuestion& question) {
    soci::session& session = snapshot.database().session();
    std::vector<ClosingDoubt> doubts;
    const auto add = [&doubts](std::string_view name, std::string detail) {
        doubts.push_back({std::string(name), std::move(detail)});
    };
    const std::int64_t size_before =
        question.closed.empty() ? 0 : question.closed.back().origin.log_size;
    if (const std::int64_t gaps = count_gaps(session, size_before); gaps > 0) {
        add(kDoubtGaps,
            counted(gaps, "gap", "gaps") +
                " in the stream, recorded since the last closing: see audit query --name gaps");
    }
    if (const Rejected rejected = count_rejected(session, question.scope); rejected.all > 0) {
        add(kDoubtQuarantine,
            told(rejected) + ": see quarantine list --period " +
                format_month(question.period.month));
    }
    if (const std::int64_t events = count_not_projected(snapshot, question.period.during.end);
        events > 0) {
        add(kDoubtProjection,
            counted(events, "event", "events") +
                " not in the projection yet: let the ingesting process catch up, or run rebuild");
    }
    if (std::string unknown = unknown_words(snapshot, question); !unknown.empty()) {
        add(kDoubtWords, std::move(unknown));
    }
    return doubts;
}

}  // namespace dcm::store
