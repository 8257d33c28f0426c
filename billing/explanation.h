#pragma once

#include "billing/arithmetic.h"
#include "billing/calendar.h"
#include "billing/intervals.h"
#include "billing/rate_reasons.h"
#include "billing/rated_line.h"
#include "rules/rulebook.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

// A message about an instance as the log tells it.
struct ToldEvent {
    std::int64_t seq = 0;
    Instant time;  // of the event; that of storing where the event has none
    bool has_event_time = true;
    std::int64_t stream_seq = 0;
    std::string source;
    std::string id;
    std::string word;    // as it was recorded; empty where there was none
    std::string status;  // under the book's lifecycle; empty where it was not understood
    // The rule book that says what the word means, where the one explained with does not know it.
    std::optional<std::string> word_book;
    std::string verdict;
    std::string reason;
    std::vector<std::string> flags;
    std::optional<std::int64_t> retried_at_seq;
    std::string effect;  // what it does to the timeline, in words; set by Explainer
};

// What holds for the instance at the beginning of a line.
struct ExplainedOwner {
    std::string tenant;
    rules::Labels labels;
    // Resource files that say so, with the line of the entry; none: the instance is in none.
    struct Source {
        std::string file;
        std::size_t line = 0;

        bool operator==(const Source&) const = default;
    };
    std::vector<Source> sources;
};

struct ExplainedLine {
    std::string meter;
    std::string rate;
    Period charge;
    Period month;
    ExplainedOwner owner;
    std::vector<RejectedRate> rejected;  // rates of the meter before it that do not match
    Decimal usage_seconds;
    Decimal billed_seconds;
    Decimal quantity;
    std::string unit;
    std::optional<Decimal> unit_price;  // where cost is quantity × this
    // The sum of tenant, rate and month before and after, where cost depends on it.
    bool is_in_order = false;
    Decimal quantity_before;
    Decimal quantity_after;
    Decimal cost;
    std::vector<ArithmeticStep> arithmetic;
};

// A stretch that no meter charges.
struct ExplainedGap {
    Period during;
    ExplainedOwner owner;
    std::vector<MeterChoice> meters;  // why not, meter by meter
};

struct ExplainedInterval {
    Interval interval;
    std::vector<ExplainedLine> lines;  // by meter as the book mentions them, then by time
    std::vector<ExplainedGap> unrated;
    // Meters that charge nothing at its beginning while others do.
    std::vector<MeterChoice> idle_meters;
};

struct Explanation {
    InstanceKey key;
    std::string currency;
    std::vector<ToldEvent> events;  // in order
    std::vector<ExplainedInterval> intervals;
    std::size_t intervals_in_all = 0;
    Decimal total;  // of the lines
};

// What of an instance is explained; what is absent leaves nothing out.
struct ExplainChoice {
    std::optional<Instant> at;  // the interval that contains it, and the lines that do
    std::optional<std::string> meter;
    std::optional<std::string> rate;
    std::optional<std::string> state;
    std::optional<std::string> tenant;
};

// Gathers what is to be said about one instance while everything is rated: lines of other
// instances pass by. The book and the timeline outlive this.
class Explainer {
public:
    Explainer(const rules::RuleBook& book,
              const InstanceKey& key,
              const Timeline& timeline,
              ExplainChoice choice);

    void add(const RatedLine& line);
    void add(const UnratedPiece& piece);

    // `events` are those of the instance, in any order. Intervals outside `shown` and their events
    // are left out; of an instance without any interval, no event is.
    [[nodiscard]] Explanation finish(Period shown, std::vector<ToldEvent> events);

private:
    [[nodiscard]] const Interval* interval_of(Period charge) const;
    [[nodiscard]] bool is_wanted(Period during, std::string_view tenant) const;
    [[nodiscard]] ExplainedOwner owner_at(Instant at) const;
    [[nodiscard]] std::vector<MeterChoice> choices_at(const Interval& interval, Instant at) const;
    [[nodiscard]] std::vector<RejectedRate> rejected_before(const RatedLine& line,
                                                            const Interval& interval) const;
    [[nodiscard]] ExplainedInterval& entry_of(const Interval& interval);
    void add_idle_meters(ExplainedInterval& explained) const;

    const rules::RuleBook& book_;
    const InstanceKey& key_;
    const Timeline& timeline_;
    ExplainChoice choice_;
    Calendar months_;
    std::vector<ExplainedInterval> intervals_;
    Decimal total_;
};

// Puts the events in order and says what each does to the timeline.
void tell_effects(std::vector<ToldEvent>& events,
                  const InstanceKey& key,
                  const Timeline& timeline,
                  const rules::Lifecycle& lifecycle);

}  // namespace dcm::billing
