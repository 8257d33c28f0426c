#include "billing/doubt.h"

#include "billing/calendar.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dcm::billing {
namespace {

// Adds a stretch, which begins no earlier than those before it; what touches the last one of its
// state and provider prolongs it.
void append(std::vector<DoubtfulStretch>& stretches, DoubtfulStretch next) {
    if (!stretches.empty()) {
        DoubtfulStretch& last = stretches.back();
        next.during.start = std::max(next.during.start, last.during.end);
        if (is_empty(next.during)) {
            return;
        }
        if (last.during.end == next.during.start && last.state == next.state &&
            last.provider == next.provider) {
            last.during.end = next.during.end;
            return;
        }
    }
    if (!is_empty(next.during)) {
        stretches.push_back(std::move(next));
    }
}

// Finds the stretches of one instance, cause by cause.
class Finder {
public:
    Finder(const InstanceKey& key,
           const Timeline& timeline,
           const DoubtEvidence& evidence,
           const rules::Lifecycle& lifecycle,
           Instant as_of)
        : key_(key),
          timeline_(timeline),
          evidence_(evidence),
          lifecycle_(lifecycle),
          as_of_(as_of) {}

    std::vector<DoubtfulStretch> run() {
        std::vector<DoubtfulStretch> all = unknown_statuses();
        for (const std::vector<DoubtfulStretch>& found :
             {clamped_times(), unknown_holds(), silence()}) {
            all.insert(all.end(), found.begin(), found.end());
        }
        return all;
    }

private:
    [[nodiscard]] Period period_of(const Interval& interval) const {
        return {interval.start, std::min(interval.end.value_or(as_of_), as_of_)};
    }

    // The parts of `during` by what is charged; a part without state where nothing is.
    void append_parts(std::vector<DoubtfulStretch>& found,
                      const DoubtfulStretch& whole,
                      bool with_uncharged) const {
        Instant at = whole.during.start;
        const auto uncharged = [&](Instant until) {
            if (with_uncharged && at < until) {
                append(found, {whole.cause, {at, until}, whole.provider, ""});
            }
        };
        const std::vector<Interval>& all = timeline_.intervals;
        auto interval =
            std::upper_bound(all.begin(), all.end(), at, [](Instant time, const Interval& each) {
                return time < each.start;
            });
        interval = interval == all.begin() ? interval : std::prev(interval);
        for (; interval != all.end() && interval->start < whole.during.end; ++interval) {
            const Period part = common_part(period_of(*interval), whole.during);
            if (!is_empty(part)) {
                uncharged(part.start);
                append(found, {whole.cause, part, interval->provider, interval->state});
                at = part.end;
            }
        }
        uncharged(whole.during.end);
    }

    // An accepted event may have been understood by another book only.
    [[nodiscard]] bool is_understood(const AcceptedEvent& event) const {
        return lifecycle_.status_of(key_.service_type, event.status).has_value();
    }

    // When the next event came that says something; `as_of` when none did.
    template <typename IsAnswer>
    [[nodiscard]] Instant next_answer(const EventOrder& after, const IsAnswer& is_answer) const {
        auto event = std::upper_bound(
            evidence_.events.begin(),
            evidence_.events.end(),
            after,
            [](const EventOrder& order, const AcceptedEvent& each) { return order < each.order; });
        event = std::find_if(event, evidence_.events.end(), is_answer);
        return event == evidence_.events.end() ? as_of_ : std::min(event->order.time, as_of_);
    }

    // Rejected ones, and accepted ones that are not understood; in order.
    [[nodiscard]] std::vector<UnknownStatus> all_unknown() const {
        std::vector<UnknownStatus> all = evidence_.unknown;
        for (const AcceptedEvent& event : evidence_.events) {
            if (!is_understood(event)) {
                all.push_back({event.order, event.provider});
            }
        }
        std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
            return left.order < right.order;
        });
        return all;
    }

    [[nodiscard]] std::vector<DoubtfulStretch> unknown_statuses() const {
        std::vector<DoubtfulStretch> found;
        for (const UnknownStatus& unknown : all_unknown()) {
            const auto& ended = timeline_.summary ? timeline_.summary->ended : std::nullopt;
            if (ended && *ended < unknown.order) {
                break;
            }
            const Instant until = next_answer(
                unknown.order, [this](const AcceptedEvent& event) { return is_understood(event); });
            append_parts(
                found,
                {DoubtCause::unknown_status, {unknown.order.time, until}, unknown.provider, ""},
                /*with_uncharged=*/true);
        }
        return found;
    }

    [[nodiscard]] std::vector<DoubtfulStretch> clamped_times() const {
        std::vector<DoubtfulStretch> found;
        for (const Interval& interval : timeline_.intervals) {
            const bool is_clamped =
                evidence_.is_clamped(interval.opened_by) ||
                (interval.closed_by && evidence_.is_clamped(*interval.closed_by));
            if (is_clamped) {
                append(found,
                       {DoubtCause::time_clamped,
                        period_of(interval),
                        interval.provider,
                        interval.state});
            }
        }
        return found;
    }

    [[nodiscard]] std::vector<DoubtfulStretch> unknown_holds() const {
        std::vector<DoubtfulStretch> found;
        for (const AcceptedEvent& event : evidence_.events) {
            const bool is_hold =
                event.status == rules::kUnknownStatus &&
                lifecycle_.policy_of(key_.service_type, event.provider, event.status).kind ==
                    rules::PolicyKind::hold;
            if (!is_hold) {
                continue;
            }
            const Instant until = next_answer(event.order, [](const AcceptedEvent& next) {
                return next.status != rules::kUnknownStatus;
            });
            append_parts(found,
                         {DoubtCause::unknown_hold, {event.order.time, until}, event.provider, ""},
                         /*with_uncharged=*/false);
        }
        return found;
    }

    [[nodiscard]] std::vector<DoubtfulStretch> silence() const {
        std::vector<DoubtfulStretch> found;
        if (!evidence_.silent_since || timeline_.intervals.empty() ||
            timeline_.intervals.back().end) {
            return found;
        }
        const Interval& open = timeline_.intervals.back();
        append(found,
               {DoubtCause::silent_source,
                {std::max(open.start, *evidence_.silent_since), as_of_},
                open.provider,
                open.state});
        return found;
    }

    const InstanceKey& key_;
    const Timeline& timeline_;
    const DoubtEvidence& evidence_;
    const rules::Lifecycle& lifecycle_;
    Instant as_of_;
};

}  // namespace

std::string_view doubt_cause_name(DoubtCause cause) {
    switch (cause) {
        case DoubtCause::missing_rate:
            return "missing_rate";
        case DoubtCause::unknown_status:
            return "unknown_status";
        case DoubtCause::time_clamped:
            return "time_clamped";
        case DoubtCause::unknown_hold:
            return "unknown_hold";
        case DoubtCause::silent_source:
            return "silent_source";
    }
    return {};
}

std::vector<DoubtfulStretch> doubtful_stretches(const InstanceKey& key,
                                                const Timeline& timeline,
                                                const DoubtEvidence& evidence,
                                                const rules::Lifecycle& lifecycle,
                                                Instant as_of) {
    return Finder(key, timeline, evidence, lifecycle, as_of).run();
}

std::vector<DoubtfulStretch> without_cause(std::vector<DoubtfulStretch> stretches) {
    std::sort(stretches.begin(), stretches.end(), [](const auto& left, const auto& right) {
        return left.during.start < right.during.start;
    });
    std::vector<DoubtfulStretch> merged;
    for (DoubtfulStretch& stretch : stretches) {
        stretch.cause = DoubtCause::unknown_status;
        append(merged, std::move(stretch));
    }
    return merged;
}

}  // namespace dcm::billing
