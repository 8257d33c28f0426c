#include "store/closing_doubts.h"

#include "billing/event.h"
#include "store/projection.h"
#include "store/recorded_message.h"
#include "store/row_statement.h"
#include "store/statement.h"
#include "store/stored_lifecycle.h"

#include <optional>
#include <utility>

namespace dcm::store {
namespace {

// The first term is that of a partial index (migration 0015).
constexpr const char* kCountGaps =
    "SELECT count(*) FROM audit_log WHERE kind = 'source.gap' AND seq >= :from";

constexpr const char* kCountWords =
    "SELECT i.service_type, e.word, count(*) FROM instance_event AS e "
    "JOIN instance AS i ON i.instance_no = e.instance_no "
    "WHERE e.event_time >= ? AND e.event_time < ? GROUP BY 1, 2 ORDER BY 1, 2";

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::int64_t count_gaps(soci::session& session, std::int64_t from) {
    std::int64_t gaps = 0;
    session << kCountGaps, soci::use(from, "from"), soci::into(gaps);
    return gaps;
}

std::int64_t count_rejected(soci::session& session, Period during) {
    std::int64_t rejected = 0;
    RecordedMessages messages(session);
    messages.each_rejected_first([&](const RecordedMessage& message) {
        const bool is_rejected =
            message.verdict == billing::verdict_name(billing::Verdict::rejected);
        rejected += is_rejected && during.contains(counted_at(message)) ? 1 : 0;
    });
    return rejected;
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

// Events of the period whose word the lifecycle does not know, and the words.
struct UnknownWords {
    std::int64_t events = 0;
    std::string words;
};

UnknownWords find_unknown_words(soci::session& session, const ClosingQuestion& question) {
    UnknownWords unknown;
    if (!may_hold_other_words(session, question.lifecycle)) {
        return unknown;
    }
    const Period& during = question.period.during;
    RowStatement rows(session, kCountWords);
    rows.bind(during.start.micros).bind(during.end.micros);
    while (rows.fetch()) {
        const std::string_view type = rows.text(0);
        const std::string_view word = rows.text(1);
        if (!question.lifecycle.status_of(type, word)) {
            unknown.events += rows.number(2);
            unknown.words += (unknown.words.empty() ? "" : ", ") + std::string(word) + " (" +
                             std::string(type) + ')';
        }
    }
    return unknown;
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
    if (const std::int64_t gaps = count_gaps(session, question.log_size_before); gaps > 0) {
        add(kDoubtGaps,
            counted(gaps, "gap", "gaps") +
                " in the stream, recorded since the last closing: see audit query --name gaps");
    }
    if (const std::int64_t rejected = count_rejected(session, question.period.during);
        rejected > 0) {
        add(kDoubtQuarantine,
            counted(rejected, "message", "messages") +
                " of the month rejected: see quarantine list --period " +
                format_month(question.period.month));
    }
    if (const std::int64_t events = count_not_projected(snapshot, question.period.during.end);
        events > 0) {
        add(kDoubtProjection,
            counted(events, "event", "events") +
                " not in the projection yet: let the ingesting process catch up, or run rebuild");
    }
    if (const UnknownWords unknown = find_unknown_words(session, question); unknown.events > 0) {
        add(kDoubtWords,
            counted(unknown.events, "event", "events") +
                " of the month accepted under another rule book with a status that is no word of "
                "this one and charges nothing: " +
                unknown.words);
    }
    return doubts;
}

}  // namespace dcm::store
