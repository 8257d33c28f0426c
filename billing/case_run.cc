#include "billing/case_run.h"

#include "billing/intervals.h"
#include "billing/rating.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dcm::billing {
namespace {

// A word as rule 6 of domain.md section 1 compares it.
std::string compared_word(const std::string& status) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = std::min(status.find_first_not_of(blanks), status.size());
    std::string word = status.substr(first, status.find_last_not_of(blanks) + 1 - first);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return word;
}

std::vector<AcceptedEvent> events_of(const rules::RuleBook& book,
                                     const rules::Case& example,
                                     CaseResult& result) {
    std::vector<AcceptedEvent> events;
    std::int64_t seq = 0;
    for (const rules::CaseEvent& event : example.events) {
        const std::string word = compared_word(event.status);
        const auto status = book.lifecycle.status_of(example.service_type, word);
        if (!status.has_value()) {
            result.unknown_statuses.push_back(event.status);
            continue;
        }
        events.push_back(
            {{event.time, /*stream_seq=*/0, ++seq}, example.provider, std::string(*status)});
    }
    return events;
}

using CostByMeter = std::map<std::string, Decimal>;

// What the month costs, and what of it is unrated.
CostByMeter rate_month(const rules::RuleBook& book,
                       const rules::Case& example,
                       CaseResult& result) {
    const Timeline timeline =
        derive_intervals(events_of(book, example, result), example.service_type, book.lifecycle);
    const Period month{book.zone.start_of(example.period),
                       book.zone.start_of(next_month(example.period))};
    CostByMeter costs;
    Int128 unrated = 0;
    Rater rater(book,
                {.shown = month, .as_of = month.end, .by_day = false},
                {[&](const RatedLine& line) { costs[book.rates[line.rate].meter] += line.cost(); },
                 [&](const UnratedPiece& piece) {
                     unrated += (piece.during.end - piece.during.start).micros;
                 }});
    rater.add({example.service_type, example.instance}, timeline.intervals);
    rater.finish();
    result.unrated_seconds = seconds_of(unrated);
    return costs;
}

unsigned decimals_written(std::string_view amount) {
    const std::size_t point = amount.find('.');
    return point == std::string_view::npos ? 0 : static_cast<unsigned>(amount.size() - point - 1);
}

CaseMeter compare(const std::string& meter, const std::string& expected, const Decimal& cost) {
    const Decimal rounded = cost.rounded(decimals_written(expected), Rounding::half_up);
    return {.meter = meter,
            .expected = expected,
            .cost = cost,
            .rounded = rounded.to_string(),
            .passes = rounded == value_or_throw(Decimal::parse(expected))};
}

}  // namespace

bool CaseResult::passes() const {
    return unknown_statuses.empty() &&
           std::all_of(meters.begin(), meters.end(), [](const CaseMeter& m) { return m.passes; });
}

CaseResult run_case(const rules::RuleBook& book, const rules::Case& example) {
    CaseResult result;
    if (!book.lifecycle.services.contains(example.service_type)) {
        result.type_without_lifecycle = example.service_type;
    }
    CostByMeter costs = rate_month(book, example, result);
    for (const auto& [meter, expected] : example.expect) {
        costs.try_emplace(meter);
    }
    for (const auto& [meter, cost] : costs) {
        const auto expected = example.expect.find(meter);
        if (expected != example.expect.end()) {
            result.meters.push_back(compare(meter, expected->second, cost));
        } else {
            result.meters.push_back({.meter = meter,
                                     .expected = std::nullopt,
                                     .cost = cost,
                                     .rounded = cost.to_string(),
                                     .passes = true});
        }
    }
    return result;
}

}  // namespace dcm::billing
