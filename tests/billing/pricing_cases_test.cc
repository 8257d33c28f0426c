#include "billing/rating.h"
#include "billing/render_report.h"
#include "case_story.h"
#include "rules/parse.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

using nlohmann::json;

rules::RuleBook book_of(const json& pricing) {
    std::vector<rules::BookFile> resources;
    if (pricing.contains("files")) {
        for (const auto& [name, bytes] : pricing["files"].items()) {
            resources.push_back({name, bytes});
        }
    }
    const std::vector<rules::BookFile> files{{"book.yaml", pricing["book"].dump()}};
    rules::ParsedBook parsed = rules::parse_book(files, resources);
    for (const rules::Problem& problem : parsed.problems) {
        UNSCOPED_INFO(rules::format_problem(problem));
    }
    REQUIRE(parsed.book.has_value());
    return *std::move(parsed.book);
}

std::vector<GroupKey> group_by_of(const json& pricing) {
    std::string text;
    for (const json& key : pricing["group_by"]) {
        text += (text.empty() ? "" : ",") + key.get<std::string>();
    }
    return value_or_throw(parse_group_by(text));
}

// What `report --format json` prints.
json printed_report_of(const json& pricing) {
    const rules::RuleBook book = book_of(pricing);
    const std::optional<Story> story = story_of(pricing["events"], book.lifecycle);
    REQUIRE(story.has_value());
    const CivilDate month = value_or_throw(parse_month(pricing["period"].get<std::string>()));
    const std::vector<GroupKey> group_by = group_by_of(pricing);
    const RatingBounds bounds{
        .shown = {book.zone.start_of(month), book.zone.start_of(next_month(month))},
        .as_of = value_or_throw(parse_rfc3339(pricing["as_of"].get<std::string>())),
        .by_day = needs_days(group_by)};
    ReportBuilder builder(book, group_by, {});
    Rater rater(book,
                bounds,
                {[&](const RatedLine& line) { builder.add(line); },
                 [&](const UnratedPiece& piece) { builder.add(piece); }});
    for (const auto& [key, events] : story->events) {
        rater.add(key, derive_intervals(events, key.service_type, book.lifecycle).intervals);
    }
    rater.finish();
    return json::parse(report_json(builder.finish(),
                                   {.from = bounds.shown.start,
                                    .to = bounds.shown.end,
                                    .as_of = bounds.as_of,
                                    .book_digest = "sha256:00",
                                    .log_size = 0,
                                    .log_root = ""}));
}

TEST_CASE("every pricing case gives the report it expects", "[pricing]") {
    const std::vector<json> cases = read_cases("pricing.jsonl");
    REQUIRE(cases.size() >= 105);
    for (const json& pricing : cases) {
        INFO(pricing["name"]);
        const json report = printed_report_of(pricing);
        for (const auto& [name, value] : pricing["expect"].items()) {
            CHECK(report.at(name) == value);
        }
    }
}

}  // namespace
}  // namespace dcm::billing
