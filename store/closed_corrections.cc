#include "store/closed_corrections.h"

#include "billing/corrections.h"
#include "billing/rating.h"
#include "store/late_events.h"
#include "store/past_usage.h"
#include "store/statement.h"
#include "store/stored_books.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace dcm::store {
namespace {

constexpr Instant kBeginning{-std::numeric_limits<std::int64_t>::max()};

// The instances that events were accepted of since the last period was closed which lie before its
// end, and where the earliest of these lies.
struct Late {
    std::set<billing::InstanceKey> instances;
    std::optional<Instant> earliest;
};

Late find_late(const LogReader& snapshot, const ClosedPeriod& last) {
    Late late;
    visit_late_events(
        snapshot, last.origin.log_size, last.origin.during.end, [&late](const LateEvent& event) {
            late.instances.insert(event.key);
            late.earliest = std::min(late.earliest.value_or(event.time), event.time);
        });
    return late;
}

// The stretch of time that the period's lines and their corrections were charged for.
Period stretch_of(const ClosedPeriod& period) {
    const Period& during = period.origin.during;
    return {period.number == 1 ? kBeginning : during.start, during.end};
}

using UnratedSums = std::map<billing::InstanceKey, billing::Int128>;  // microseconds

// Rates closed periods again, each as a whole.
class CorrectedPeriods {
public:
    CorrectedPeriods(const LogReader& snapshot,
                     const std::vector<ClosedPeriod>& closed,
                     const PresentBook& present)
        : snapshot_(snapshot),
          session_(snapshot.database().session()),
          closed_(closed),
          books_(session_, closed, present),
          late_(find_late(snapshot, closed.back())) {}

    Corrections find() {
        for (std::size_t i = 0; i < closed_.size(); ++i) {
            const Period stretch = stretch_of(closed_[i]);
            if ((late_.earliest && *late_.earliest < stretch.end) || books_.differs_now(i)) {
                correct(i, stretch);
            }
        }
        return std::move(found_);
    }

private:
    void correct(std::size_t period, Period stretch) {
        const rules::RuleBook book = books_.book_of(period);
        const UsageReader usage(snapshot_, book.lifecycle);
        billing::RatedLines right(book);
        UnratedSums unrated;
        billing::Rater rater(book,
                             {stretch, stretch.end, /*by_day=*/false},
                             {[&right](const billing::RatedLine& line) { right.add(line); },
                              [&](const billing::UnratedPiece& piece) { add(piece, unrated); }});
        usage.each_in_any_order([&rater](const auto& key, const auto& timeline) {
            rater.add(key, timeline.intervals);
        });
        rater.finish();
        right.sort();
        billing::CorrectionFinder finder(right);
        visit_standing_lines(
            session_, closed_[period], stretch, [&finder](const billing::StatementLine& line) {
                finder.add_standing(line);
            });
        std::vector<billing::StatementLine> lines = finder.finish();
        std::move(lines.begin(), lines.end(), std::back_inserter(found_.lines));
        add_unrated(period, usage, book, unrated);
    }

    void add(const billing::UnratedPiece& piece, UnratedSums& sums) const {
        if (late_.instances.empty()) {
            return;
        }
        const billing::InstanceKey key{std::string(piece.service_type),
                                       std::string(piece.instance)};
        if (late_.instances.contains(key)) {
            sums[key] += (piece.during.end - piece.during.start).micros;
        }
    }

    // What the last closing knew to be unrated was accepted then.
    void add_unrated(std::size_t period,
                     const UsageReader& usage,
                     const rules::RuleBook& book,
                     const UnratedSums& now) {
        if (now.empty()) {
            return;
        }
        const Period stretch = stretch_of(closed_[period]);
        UnratedSums before;
        billing::Rater rater(book,
                             {stretch, stretch.end, /*by_day=*/false},
                             {[](const billing::RatedLine& /*line*/) {},
                              [&](const billing::UnratedPiece& piece) { add(piece, before); }});
        const PastUsage past(snapshot_, usage, book.lifecycle, closed_.back().origin.log_size);
        for (const auto& [key, micros] : now) {
            rater.add(key, past.timeline_of(key).intervals);
        }
        rater.finish();
        for (const auto& [key, micros] : now) {
            if (before[key] < micros) {
                found_.unrated.push_back(
                    {closed_[period].origin.period, key, micros - before[key]});
            }
        }
    }

    const LogReader& snapshot_;
    soci::session& session_;
    const std::vector<ClosedPeriod>& closed_;
    StoredBooks books_;
    Late late_;
    Corrections found_;
};

}  // namespace

Corrections find_corrections(const LogReader& snapshot,
                             const std::vector<ClosedPeriod>& closed,
                             const PresentBook& present) {
    if (closed.empty()) {
        return {};
    }
    return guarded("correct closed periods",
                   [&] { return CorrectedPeriods(snapshot, closed, present).find(); });
}

}  // namespace dcm::store
