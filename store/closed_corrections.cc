#include "store/closed_corrections.h"

#include "billing/corrections.h"
#include "billing/rating.h"
#include "store/projection.h"
#include "store/row_statement.h"
#include "store/statement.h"
#include "store/stored_books.h"
#include "store/timeline_table.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dcm::store {
namespace {

constexpr Instant kBeginning{-std::numeric_limits<std::int64_t>::max()};

// The second term narrows to whole segments, the third to the records within the first of them.
constexpr const char* kEarliestProjected =
    "SELECT min(event_time) FROM instance_event WHERE segment >= ? AND log_seq >= ?";
// Their events lie where the message was recorded first. The first term is that of a partial index,
// which the sign keeps from being passed over for the records since.
constexpr const char* kSelectRetriedTimes =
    "SELECT json_extract(body, '$.event_time') FROM audit_log "
    "WHERE kind = 'quarantine.retried' AND outcome = 'accepted' AND +seq >= ?";

// The earliest of the times told to it.
class Earliest {
public:
    void add(Instant time) { time_ = std::min(time_.value_or(time), time); }
    [[nodiscard]] const std::optional<Instant>& time() const { return time_; }

private:
    std::optional<Instant> time_;
};

// Where the earliest event lies that was accepted since the last period was closed. What the
// projection has is asked there: reading a row of it costs a fraction of reading a record.
std::optional<Instant> earliest_since(const LogReader& snapshot, const ClosedPeriod& last) {
    soci::session& session = snapshot.database().session();
    const std::int64_t since = last.origin.log_size;
    Earliest earliest;
    RowStatement projected(session, kEarliestProjected);
    projected.bind(since / kSegmentRecords).bind(since);
    while (projected.fetch()) {
        if (!projected.is_null(0)) {
            earliest.add(Instant{projected.number(0)});
        }
    }
    RowStatement retried(session, kSelectRetriedTimes);
    retried.bind(since);
    while (retried.fetch()) {
        earliest.add(value_or_throw(parse_rfc3339(retried.text(0))));
    }
    visit_accepted_events(
        session,
        {std::max(since, read_projection_state(session).log_size), snapshot.head().size},
        [&earliest](const RecordedEvent& event) { earliest.add(event.order.time); });
    return earliest.time();
}

// The stretch of time that the period's lines and their corrections were charged for.
Period stretch_of(const ClosedPeriod& period) {
    const Period& during = period.origin.during;
    return {period.number == 1 ? kBeginning : during.start, during.end};
}

void rate_again(const LogReader& snapshot,
                const rules::RuleBook& book,
                Period stretch,
                billing::RatedLines& lines) {
    billing::Rater rater(book,
                         {stretch, stretch.end, /*by_day=*/false},
                         {[&lines](const billing::RatedLine& line) { lines.add(line); },
                          [](const billing::UnratedPiece& /*piece*/) {}});
    const UsageReader usage(snapshot, book.lifecycle);
    usage.each_in_any_order(
        [&rater](const auto& key, const auto& timeline) { rater.add(key, timeline.intervals); });
    rater.finish();
    lines.sort();
}

std::vector<billing::StatementLine> corrections_of(const LogReader& snapshot,
                                                   const std::vector<ClosedPeriod>& closed,
                                                   const PresentBook& present) {
    std::vector<billing::StatementLine> corrections;
    soci::session& session = snapshot.database().session();
    const std::optional<Instant> earliest = earliest_since(snapshot, closed.back());
    StoredBooks books(session, closed, present);
    for (std::size_t i = 0; i < closed.size(); ++i) {
        const Period stretch = stretch_of(closed[i]);
        if (!(earliest && *earliest < stretch.end) && !books.differs_now(i)) {
            continue;
        }
        const rules::RuleBook book = books.book_of(i);
        billing::RatedLines right(book);
        rate_again(snapshot, book, stretch, right);
        billing::CorrectionFinder finder(right);
        visit_standing_lines(
            session, closed[i], stretch, [&finder](const billing::StatementLine& line) {
                finder.add_standing(line);
            });
        std::vector<billing::StatementLine> found = finder.finish();
        std::move(found.begin(), found.end(), std::back_inserter(corrections));
    }
    return corrections;
}

}  // namespace

std::vector<billing::StatementLine> find_corrections(const LogReader& snapshot,
                                                     const std::vector<ClosedPeriod>& closed,
                                                     const PresentBook& present) {
    if (closed.empty()) {
        return {};
    }
    return guarded("correct closed periods",
                   [&] { return corrections_of(snapshot, closed, present); });
}

}  // namespace dcm::store
