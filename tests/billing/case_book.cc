#include "case_book.h"

#include "base/zone.h"
#include "rules/parse.h"

#include <catch2/catch.hpp>

namespace dcm::billing {

Instant at(std::string_view text) {
    const bool is_date = text.size() == 10;
    return value_or_throw(
        parse_rfc3339(is_date ? std::string(text) + "T00:00:00Z" : std::string(text)));
}

Decimal decimal(std::string_view text) {
    return value_or_throw(Decimal::parse(text));
}

rules::RuleBook book_with(std::string_view rates,
                          std::string_view zone,
                          std::string_view resources) {
    std::string text = "version: 1\ncurrency: EUR\nissuer: Example Cloud\ntimezone: ";
    text += zone;
    text += resources.empty() ? "\n" : "\nresources: [{file: resources.csv}]\n";
    text += "rates:\n";
    text += rates;
    const std::vector<rules::BookFile> files{{"book.yaml", text}};
    const std::vector<rules::BookFile> tables{{"resources.csv", std::string(resources)}};
    rules::ParsedBook parsed =
        rules::parse_book(files, resources.empty() ? std::vector<rules::BookFile>{} : tables);
    for (const rules::Problem& problem : parsed.problems) {
        UNSCOPED_INFO(rules::format_problem(problem));
    }
    REQUIRE(parsed.book.has_value());
    return *std::move(parsed.book);
}

void Fleet::run(std::string_view instance, std::string_view start, std::string_view end) {
    const InstanceKey key{"vm", std::string(instance)};
    if (instances.empty() || instances.back().first != key) {
        instances.emplace_back(key, std::vector<Interval>{});
    }
    Interval interval{.provider = "p",
                      .state = "RUNNING",
                      .start = at(start),
                      .end = std::nullopt,
                      .opened_by = 1,
                      .closed_by = std::nullopt};
    if (!end.empty()) {
        interval.end = at(end);
        interval.closed_by = 2;
    }
    instances.back().second.push_back(interval);
}

namespace {

std::string stretch(Period period) {
    return format_rfc3339(period.start) + '/' + format_rfc3339(period.end);
}

}  // namespace

Rated rate_fleet(const rules::RuleBook& book, const Fleet& fleet, const RatingBounds& bounds) {
    Rated rated;
    Rater rater(
        book,
        bounds,
        {[&](const RatedLine& line) {
             rated.lines.push_back(std::string(line.instance) + ' ' + std::string(line.tenant) +
                                   ' ' + book.rates[line.rate].id + ' ' + stretch(line.charge) +
                                   ' ' + format_seconds(line.billed) + ' ' +
                                   to_decimal(line.quantity).to_string() + ' ' +
                                   line.cost().to_string());
             rated.total += line.cost();
         },
         [&](const UnratedPiece& piece) {
             rated.unrated.push_back(std::string(piece.instance) + ' ' + stretch(piece.during));
         }});
    for (const auto& [key, intervals] : fleet.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
    return rated;
}

Report report_fleet(const rules::RuleBook& book,
                    const Fleet& fleet,
                    std::string_view group_by,
                    const LineFilter& filter) {
    const std::vector<GroupKey> keys = value_or_throw(parse_group_by(group_by));
    ReportBuilder builder(book, keys, filter);
    Rater rater(book,
                {.shown = {at("2026-01-01"), at("2027-01-01")},
                 .as_of = at("2027-01-01"),
                 .by_day = needs_days(keys)},
                {[&](const RatedLine& line) { builder.add(line); },
                 [&](const UnratedPiece& piece) { builder.add(piece); }});
    for (const auto& [key, intervals] : fleet.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
    return builder.finish();
}

}  // namespace dcm::billing
