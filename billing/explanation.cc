#include "billing/explanation.h"

#include "base/result.h"
#include "billing/report.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

bool touches(const Interval& interval, Period period) {
    return interval.start < period.end && (!interval.end || period.start < *interval.end);
}

// What is charged goes by the intervals that are stored, the explanation by the events.
[[noreturn]] void refuse_intervals(const InstanceKey& key) {
    throw Failure(ErrorKind::malformed,
                  "explain: expected the stored intervals of " + key.service_type + "/" +
                      key.instance +
                      " to be what its events give, found others; run `dcm-billing rebuild`");
}

// Where a meter is first mentioned.
std::size_t meter_place(const rules::RuleBook& book, std::string_view meter) {
    const auto found =
        std::find_if(book.rates.begin(), book.rates.end(), [meter](const rules::Rate& rate) {
            return rate.meter == meter;
        });
    return static_cast<std::size_t>(found - book.rates.begin());
}

}  // namespace

Explainer::Explainer(const rules::RuleBook& book,
                     const InstanceKey& key,
                     const Timeline& timeline,
                     ExplainChoice choice)
    : book_(book),
      key_(key),
      timeline_(timeline),
      choice_(std::move(choice)),
      months_(book.zone, CalendarUnit::month) {}

const Interval* Explainer::interval_of(Period charge) const {
    const auto after =
        std::upper_bound(timeline_.intervals.begin(),
                         timeline_.intervals.end(),
                         charge.start,
                         [](Instant at, const Interval& interval) { return at < interval.start; });
    return after == timeline_.intervals.begin() ? nullptr : &*std::prev(after);
}

bool Explainer::is_wanted(Period during, std::string_view tenant) const {
    return (!choice_.at || during.contains(*choice_.at)) && lets_through(choice_.tenant, tenant);
}

ExplainedOwner Explainer::owner_at(Instant at) const {
    const std::vector<rules::HeldStretch> held =
        book_.resources.held(key_.service_type, key_.instance, {at, at + Duration{1}});
    ExplainedOwner owner{held.front().owner.tenant, held.front().owner.labels, {}};
    for (const rules::ResourceEntry& entry : held.front().entries) {
        owner.sources.push_back({book_.resources.file_names()[entry.file], entry.entry->line});
    }
    return owner;
}

std::vector<MeterChoice> Explainer::choices_at(const Interval& interval, Instant at) const {
    const Period moment{at, at + Duration{1}};
    const std::vector<rules::Ownership> owners =
        book_.resources.ownership(key_.service_type, key_.instance, moment);
    return meter_choices(book_, {key_, interval, owners.front(), at});
}

ExplainedInterval& Explainer::entry_of(const Interval& interval) {
    const auto found =
        std::find_if(intervals_.rbegin(), intervals_.rend(), [&interval](const auto& each) {
            return each.interval.start == interval.start;
        });
    if (found != intervals_.rend()) {
        return *found;
    }
    intervals_.push_back({interval, {}, {}, {}});
    return intervals_.back();
}

std::vector<RejectedRate> Explainer::rejected_before(const RatedLine& line,
                                                     const Interval& interval) const {
    std::vector<MeterChoice> choices = choices_at(interval, line.charge.start);
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& choice) {
        return choice.meter == book_.rates[line.rate].meter;
    });
    if (found == choices.end()) {
        return {};
    }
    if (found->rate != line.rate) {
        refuse_intervals(key_);
    }
    return std::move(found->rejected);
}

void Explainer::add(const RatedLine& line) {
    const rules::Rate& rate = book_.rates[line.rate];
    const bool is_ours = line.instance == key_.instance && line.service_type == key_.service_type;
    const bool is_chosen = lets_through(choice_.rate, rate.id) &&
                           lets_through(choice_.meter, rate.meter) &&
                           lets_through(choice_.state, line.state);
    if (!is_ours || !is_chosen || !is_wanted(line.charge, line.tenant)) {
        return;
    }
    const Interval* const interval = interval_of(line.charge);
    if (interval == nullptr || interval->start != line.interval_start) {
        refuse_intervals(key_);
    }
    ExplainedLine explained;
    explained.meter = rate.meter;
    explained.rate = rate.id;
    explained.charge = line.charge;
    explained.month = months_.around(line.charge.start).period;
    explained.owner = owner_at(line.charge.start);
    explained.rejected = rejected_before(line, *interval);
    explained.usage_seconds = seconds_of(Int128{line.usage().micros});
    explained.billed_seconds = seconds_of(Int128{line.billed.micros});
    explained.quantity = to_decimal(line.quantity);
    explained.unit = rules::unit_name(rate.unit);
    if (line.unit_price != nullptr) {
        explained.unit_price = *line.unit_price;
    }
    if (line.place != nullptr) {
        explained.is_in_order = true;
        explained.quantity_before = to_decimal(line.place->quantity_before);
        explained.quantity_after = explained.quantity_before + explained.quantity;
    }
    explained.cost = line.cost();
    explained.arithmetic = arithmetic_of(line, book_, explained.month);
    total_ += explained.cost;
    entry_of(*interval).lines.push_back(std::move(explained));
}

void Explainer::add(const UnratedPiece& piece) {
    const bool is_ours = piece.instance == key_.instance && piece.service_type == key_.service_type;
    // A choice of a meter or a rate is one of lines.
    if (!is_ours || !is_wanted(piece.during, piece.tenant) || choice_.rate || choice_.meter ||
        !lets_through(choice_.state, piece.state)) {
        return;
    }
    const Interval* const interval = interval_of(piece.during);
    if (interval == nullptr) {
        refuse_intervals(key_);
    }
    entry_of(*interval).unrated.push_back(
        {piece.during, owner_at(piece.during.start), choices_at(*interval, piece.during.start)});
}

void Explainer::add_idle_meters(ExplainedInterval& explained) const {
    if (explained.lines.empty() || choice_.rate || choice_.meter) {
        return;
    }
    for (MeterChoice& choice :
         choices_at(explained.interval, explained.lines.front().charge.start)) {
        const bool charges = std::any_of(
            explained.lines.begin(), explained.lines.end(), [&choice](const ExplainedLine& line) {
                return line.meter == choice.meter;
            });
        if (!charges && !choice.rate) {
            explained.idle_meters.push_back(std::move(choice));
        }
    }
}

Explanation Explainer::finish(Period shown, std::vector<ToldEvent> events) {
    // An interval of which nothing is charged or unrated is shown as well, unless lines were
    // chosen.
    for (const Interval& interval : timeline_.intervals) {
        const bool is_chosen = choice_.at ? interval.start <= *choice_.at &&
                                                (!interval.end || *choice_.at < *interval.end)
                                          : touches(interval, shown);
        if (is_chosen && !choice_.rate && !choice_.meter && !choice_.tenant &&
            lets_through(choice_.state, interval.state)) {
            static_cast<void>(entry_of(interval));
        }
    }
    std::sort(intervals_.begin(), intervals_.end(), [](const auto& left, const auto& right) {
        return left.interval.start < right.interval.start;
    });
    for (ExplainedInterval& explained : intervals_) {
        std::stable_sort(explained.lines.begin(),
                         explained.lines.end(),
                         [this](const ExplainedLine& left, const ExplainedLine& right) {
                             return std::pair(meter_place(book_, left.meter), left.charge.start) <
                                    std::pair(meter_place(book_, right.meter), right.charge.start);
                         });
        add_idle_meters(explained);
    }
    tell_effects(events, key_, timeline_, book_.lifecycle);
    Explanation explanation{
        key_, book_.currency, {}, std::move(intervals_), timeline_.intervals.size(), total_};
    // Where no interval is shown the story is that of `shown`; where there never was one, all of
    // it.
    Instant from = shown.start;
    std::optional<Instant> until = shown.end;
    if (!explanation.intervals.empty()) {
        from = explanation.intervals.front().interval.start;
        until = explanation.intervals.back().interval.end;
    }
    for (ToldEvent& event : events) {
        if (timeline_.intervals.empty() ||
            (from <= event.time && (!until || event.time <= *until))) {
            explanation.events.push_back(std::move(event));
        }
    }
    return explanation;
}

}  // namespace dcm::billing
