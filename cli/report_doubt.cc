#include "cli/report_doubt.h"

#include "billing/doubt.h"
#include "billing/rating.h"
#include "billing/render_doubt.h"
#include "billing/render_usage.h"
#include "cli/rated_usage.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/doubt_evidence.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dcm::cli {
namespace {

// Finds the doubtful stretches of instances, with what the log says about them.
class DoubtFinder {
public:
    DoubtFinder(const store::LogReader& snapshot,
                const store::UsageReader& reader,
                const Book& book,
                Instant as_of)
        : reader_(reader),
          book_(book),
          as_of_(as_of),
          clamped_(store::clamped_events(snapshot)),
          unknown_(store::unknown_statuses(snapshot, book.rules.lifecycle)),
          reads_all_events_(store::may_hold_other_words(snapshot, book.rules.lifecycle)) {}

    // Instances come once.
    std::vector<billing::DoubtfulStretch> find(const billing::InstanceKey& key,
                                               const billing::Timeline& timeline) {
        billing::DoubtEvidence evidence;
        evidence.is_clamped = [this](std::int64_t seq) {
            return std::binary_search(clamped_.begin(), clamped_.end(), seq);
        };
        if (const auto unknown = unknown_.find(key); unknown != unknown_.end()) {
            evidence.unknown = std::move(unknown->second);
            unknown_.erase(unknown);
        }
        const bool has_unknown_hold =
            std::any_of(timeline.intervals.begin(),
                        timeline.intervals.end(),
                        [](const billing::Interval& interval) { return interval.doubtful; });
        if (reads_all_events_ || has_unknown_hold || !evidence.unknown.empty()) {
            evidence.events = reader_.events_of(key);
        }
        evidence.silent_since = silent_since(timeline);
        return billing::doubtful_stretches(key, timeline, evidence, book_.rules.lifecycle, as_of_);
    }

    // Nothing doubtful lies before this and the first interval.
    [[nodiscard]] std::optional<Instant> earliest() const {
        if (reads_all_events_) {
            return Instant{std::numeric_limits<std::int64_t>::min()};
        }
        std::optional<Instant> first;
        for (const auto& [key, statuses] : unknown_) {
            const Instant time = statuses.front().order.time;
            first = first ? std::min(*first, time) : time;
        }
        return first;
    }

    // Those of which nothing was ever understood; find() has been asked about all others.
    template <typename Visit>
    void each_without_event(const Visit& visit) {
        const store::UnknownStatuses rest = std::exchange(unknown_, {});
        for (const auto& [key, statuses] : rest) {
            billing::DoubtEvidence evidence;
            evidence.unknown = statuses;
            evidence.is_clamped = [](std::int64_t /*seq*/) { return false; };
            visit(key,
                  billing::doubtful_stretches(key, {}, evidence, book_.rules.lifecycle, as_of_));
        }
    }

private:
    [[nodiscard]] std::optional<Instant> silent_since(const billing::Timeline& timeline) const {
        const bool is_open = !timeline.intervals.empty() && !timeline.intervals.back().end;
        if (!is_open || book_.rules.heartbeats.empty()) {
            return std::nullopt;
        }
        const billing::EventOrder& last = timeline.summary->last;
        const store::EventIdentity identity = reader_.identity_of(last.log_seq);
        return billing::is_silent({identity.source, last.time}, book_.rules.heartbeats, as_of_)
                   ? std::optional(last.time)
                   : std::nullopt;
    }

    const store::UsageReader& reader_;
    const Book& book_;
    Instant as_of_;
    std::vector<std::int64_t> clamped_;
    store::UnknownStatuses unknown_;
    bool reads_all_events_;
};

}  // namespace

billing::DoubtReport find_doubt(const store::LogReader& snapshot,
                                const store::UsageReader& reader,
                                const Book& book,
                                const DoubtOptions& options,
                                const Bounds& bounds) {
    const std::vector<billing::GroupKey> keys = group_keys(options.group_by);
    Period shown = shown_period(bounds, reader);
    std::optional<DoubtFinder> finder;
    if (options.choice == billing::DoubtChoice::doubtful) {
        finder.emplace(snapshot, reader, book, bounds.as_of);
        if (!bounds.from) {
            shown.start = std::min(shown.start, finder->earliest().value_or(shown.start));
        }
    }
    billing::DoubtBuilder builder(
        book.rules, keys, line_filter(options.filters), options.choice, shown);
    billing::Rater rater(book.rules,
                         {shown, bounds.as_of, billing::needs_days(keys)},
                         {[&builder](const billing::RatedLine& line) { builder.add(line); },
                          [&builder](const billing::UnratedPiece& piece) { builder.add(piece); }});
    reader.each_instance({}, [&](const auto& key, const auto& timeline) {
        if (finder) {
            builder.add(key, finder->find(key, timeline));
        }
        rater.add(key, timeline.intervals);
    });
    if (finder) {
        finder->each_without_event([&builder](const auto& key, auto stretches) {
            builder.add(key, std::move(stretches));
        });
    }
    rater.finish();
    return builder.finish();
}

int show_doubt(Shell& shell, const DoubtOptions& options) {
    shell.require_format(row_formats());
    const std::string& format = shell.format();
    Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    book.rules.zone = store::zone_as_closed(database, book.rules.zone);
    const Bounds bounds = resolve_bounds(options.filters, book.rules.zone, shell.clock().now());
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    const billing::DoubtReport report = find_doubt(snapshot, reader, book, options, bounds);
    if (report.lines.empty()) {
        tell_unknown_names({{reader, book}}, options.filters);
    }
    const billing::ReportOrigin origin = origin_of(snapshot, book, bounds);
    if (format == "json") {
        print(billing::doubt_json(report, origin));
    } else if (format == "jsonl") {
        print(billing::doubt_jsonl(report));
    } else if (format == "csv") {
        print(billing::doubt_csv(report));
    } else {
        print(billing::doubt_text(report, origin, terminal_width()));
    }
    return kExitDone;
}

}  // namespace dcm::cli
