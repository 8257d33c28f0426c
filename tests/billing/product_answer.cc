#include "product_answer.h"

#include "billing/rating.h"
#include "billing/render_report.h"
#include "rules/parse.h"

#include <map>
#include <stdexcept>

namespace dcm::billing {

rules::RuleBook parsed_book(const reference::Case& priced) {
    const std::vector<rules::BookFile> files{{"book.yaml", book_text(priced)}};
    std::vector<rules::BookFile> tables;
    for (std::size_t file = 0; file < priced.files.size(); ++file) {
        tables.push_back({reference::file_name(file), resources_text(priced.files[file])});
    }
    rules::ParsedBook parsed = rules::parse_book(files, tables);
    if (!parsed.book.has_value()) {
        throw std::runtime_error(rules::format_problem(parsed.problems.front()) + '\n' +
                                 files.front().bytes);
    }
    return *std::move(parsed.book);
}

std::map<InstanceKey, std::vector<AcceptedEvent>> events_of(const reference::Case& priced) {
    std::map<InstanceKey, std::vector<AcceptedEvent>> events;
    std::int64_t log_seq = 0;
    for (const reference::Event& event : priced.events) {
        events[{event.service_type, event.instance}].push_back(
            {{Instant{event.at}, 0, ++log_seq}, event.provider, event.status});
    }
    return events;
}

namespace {

LineFilter filter_of(const reference::Question& question) {
    const auto filter = [&question](const char* name) {
        const auto found = question.filters.find(name);
        return found == question.filters.end() ? std::nullopt : std::optional(found->second);
    };
    return {filter("service_type"),
            filter("provider"),
            filter("instance"),
            filter("tenant"),
            filter("state")};
}

}  // namespace

Report product_report(const reference::Case& priced) {
    const rules::RuleBook book = parsed_book(priced);
    const reference::Question& question = priced.question;
    std::string group_by;
    for (const std::string& key : question.group_by) {
        group_by += (group_by.empty() ? "" : ",") + key;
    }
    const std::vector<GroupKey> keys = value_or_throw(parse_group_by(group_by));
    ReportBuilder builder(book, keys, filter_of(question));
    Rater rater(book,
                {.shown = {Instant{question.from}, Instant{question.to}},
                 .as_of = Instant{question.as_of},
                 .by_day = needs_days(keys)},
                {[&](const RatedLine& line) { builder.add(line); },
                 [&](const UnratedPiece& piece) { builder.add(piece); }});
    for (const auto& [key, events] : events_of(priced)) {
        rater.add(key, derive_intervals(events, key.service_type, book.lifecycle).intervals);
    }
    rater.finish();
    return builder.finish();
}

reference::Answer answer_of(const Report& report) {
    reference::Answer answer;
    for (const ReportLine& line : report.lines) {
        std::vector<std::string> texts = line.keys;
        texts.push_back(line.usage_seconds.to_string());
        texts.push_back(line.billed_seconds.to_string());
        texts.push_back(line.cost.to_string());
        answer.lines.push_back(std::move(texts));
    }
    answer.unrated_seconds = report.unrated_seconds.to_string();
    answer.total = report.total.to_string();
    answer.total_rounded = report.total_rounded.to_string();
    return answer;
}

std::string product_json(const reference::Case& priced) {
    return report_json(product_report(priced),
                       {.from = Instant{priced.question.from},
                        .to = Instant{priced.question.to},
                        .as_of = Instant{priced.question.as_of},
                        .book_digest = "sha256:00",
                        .log_size = 0,
                        .log_root = ""});
}

}  // namespace dcm::billing
