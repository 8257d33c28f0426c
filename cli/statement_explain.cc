#include "cli/statement_explain.h"

#include "base/check.h"
#include "billing/explanation.h"
#include "billing/json_text.h"
#include "billing/minor_unit_text.h"
#include "billing/rating.h"
#include "billing/render_explanation.h"
#include "billing/render_statement.h"
#include "billing/terminal_text.h"
#include "cli/explain_evidence.h"
#include "cli/statements.h"
#include "store/past_usage.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace dcm::cli {
namespace {

using billing::StatementLine;
using billing::StatementLineKind;

// A closed line, and what is to be said about it.
struct LineStory {
    StatementLine line;
    StatementLine
        priced;  // the line whose amount is explained: of a reversal the one it takes back
    billing::StatementOrigin statement;  // that `priced` is on
    std::vector<StatementLine> later;    // lines about it
    std::optional<std::string> explanation;
};

StatementLine require_line(const store::StatementReader& reader, std::int64_t number) {
    auto line = reader.find_line(number);
    if (!line) {
        const std::int64_t end = reader.closed().empty() ? 1 : reader.closed().back().lines.end;
        throw Failure(ErrorKind::usage,
                      "expected a line of a closed month, got " + std::to_string(number) +
                          "; so far there are " + std::to_string(end - 1));
    }
    return *std::move(line);
}

const billing::StatementOrigin& statement_of(const store::StatementReader& reader,
                                             const StatementLine& line) {
    const store::ClosedPeriod* const period =
        reader.find_closed(value_or_throw(parse_month(line.period)));
    DCM_CHECK(period != nullptr);
    return period->origin;
}

// Rates what the line depends on, as it was known when the statement was closed.
void rate_as_then(const store::UsageReader& usage,
                  const store::PastUsage& past,
                  const StatementLine& line,
                  billing::Rater& rater) {
    const billing::InstanceKey key{line.service_type, line.instance};
    if (line.unit_price) {
        rater.add(key, past.timeline_of(key).intervals);
    } else {
        // An allowance, tiers or spend limits are shared with other instances.
        usage.each_instance({}, [&](const auto& other, const auto& /*timeline*/) {
            rater.add(other, past.timeline_of(other).intervals);
        });
    }
    rater.finish();
}

void tell_lenders(const store::StatementReader& reader,
                  const StatementLine& line,
                  std::vector<billing::ToldEvent>& events) {
    std::map<std::string, std::optional<std::string>> lenders;
    for (billing::ToldEvent& event : events) {
        const auto [found, is_new] = lenders.try_emplace(event.word);
        if (is_new) {
            found->second = reader.lender_of(line, event.word);
        }
        event.word_book = found->second;
    }
}

std::string explain_line(const store::LogReader& snapshot,
                         const store::StatementReader& reader,
                         const LineStory& story,
                         bool is_json) {
    const StatementLine& line = story.priced;
    const rules::RuleBook book = reader.book_of(line);
    const store::UsageReader usage(snapshot, book.lifecycle);
    const store::PastUsage past(snapshot, usage, book.lifecycle, story.statement.log_size);
    const billing::InstanceKey key{line.service_type, line.instance};
    const billing::Timeline timeline = past.timeline_of(key);
    const Period month = book.zone.month_around(line.charge.start);
    billing::Explainer explainer(
        book, key, timeline, {line.charge.start, line.meter, line.rate, line.state, line.tenant});
    billing::Rater rater(
        book,
        {month, month.end, /*by_day=*/false},
        {[&explainer](const billing::RatedLine& rated) { explainer.add(rated); },
         [&explainer](const billing::UnratedPiece& piece) { explainer.add(piece); }});
    rate_as_then(usage, past, line, rater);
    std::vector<billing::ToldEvent> events = told_events(snapshot, key, book.lifecycle);
    std::erase_if(events,
                  [&past](const billing::ToldEvent& event) { return !past.knows(event.seq); });
    tell_lenders(reader, line, events);
    const billing::Explanation explanation = explainer.finish(month, std::move(events));
    const billing::ExplanationContext context{{month.start,
                                               month.end,
                                               month.end,
                                               reader.book_digest_of(line),
                                               story.statement.log_size,
                                               story.statement.log_root},
                                              book.zone.name(),
                                              prove_events(snapshot, explanation.events),
                                              reader.resource_lenders(line)};
    return is_json ? billing::explanation_json(explanation, book, context)
                   : billing::explanation_text(explanation, book, context, terminal_width());
}

std::string numbers_of(const std::vector<StatementLine>& lines) {
    std::string text;
    for (const StatementLine& line : lines) {
        text += (text.empty() ? "" : ", ") + std::to_string(line.line) + " (" +
                std::string(billing::statement_line_kind_name(line.kind)) + ", " + line.period +
                ')';
    }
    return text;
}

// How the rounding came about.
std::string rounding_text(const store::StatementReader& reader, const StatementLine& line) {
    const store::PeriodStatements statements =
        reader.read(value_or_throw(parse_month(line.period)));
    for (const billing::StatementTotal& total : statements.totals()) {
        if (total.tenant == line.tenant) {
            const bool is_one = total.first_line + 1 == line.line;
            const std::string first = std::to_string(total.first_line);
            const std::string rounded =
                billing::minor_unit_text(total.total_rounded, line.currency);
            std::string sum =
                is_one ? "line " + first + " is "
                       : "lines " + first + " to " + std::to_string(line.line - 1) + " add up to ";
            sum += total.total.to_string() + "; half-up to the minor unit of ";
            sum += line.currency + " that is " + rounded;
            const std::string difference =
                rounded + " - " + total.total.to_string() + " = " + line.cost.to_string();
            return billing::fold({"rounding ", sum}, terminal_width()) +
                   billing::fold({"         ", difference}, terminal_width());
        }
    }
    return "";
}

std::string heading(const LineStory& story) {
    const StatementLine& line = story.line;
    std::string out;
    const auto add = [&out](std::string_view head, const std::string& text) {
        out += billing::fold({head, billing::visible_text(text)}, terminal_width());
    };
    add("line     ",
        std::to_string(line.line) + ", " +
            std::string(billing::statement_line_kind_name(line.kind)) + " on the statement of " +
            line.tenant + " for " + line.period);
    add("charged  ", format_rfc3339(line.charge.start) + " to " + format_rfc3339(line.charge.end));
    add("cost     ", line.cost.to_string() + ' ' + line.currency);
    if (line.corrects) {
        add(line.kind == StatementLineKind::reversal ? "reverses " : "replaces ",
            "line " + std::to_string(*line.corrects));
    }
    if (!story.later.empty()) {
        add("later    ", "corrected by " + numbers_of(story.later));
    }
    return out;
}

std::string story_json(const LineStory& story) {
    std::string line;
    billing::append_statement_json(line, story.line);
    line.pop_back();
    std::string later;
    for (const StatementLine& one : story.later) {
        later += (later.empty() ? "" : ",") + std::to_string(one.line);
    }
    billing::JsonObject object;
    object.add_json("line", line);
    object.add_json("corrected_by", '[' + later + ']');
    std::string explanation = story.explanation.value_or("null");
    while (explanation.ends_with('\n')) {
        explanation.pop_back();
    }
    object.add_json("explanation", explanation);
    return object.text() + '\n';
}

}  // namespace

int explain_statement_line(Shell& shell, std::int64_t number) {
    const bool is_json = shell.format() == "json";
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const store::StatementReader reader(snapshot, present_book(book), shell.clock().now());
    LineStory story;
    story.line = require_line(reader, number);
    story.priced = story.line.kind == StatementLineKind::reversal
                       ? require_line(reader, story.line.corrects.value_or(0))
                       : story.line;
    story.statement = statement_of(reader, story.priced);
    story.later = reader.lines_about(number);
    const bool is_rounding = story.line.kind == StatementLineKind::rounding;
    if (!is_rounding) {
        story.explanation = explain_line(snapshot, reader, story, is_json);
    }
    if (is_json) {
        print(story_json(story));
    } else {
        print(heading(story) + '\n' +
              (is_rounding ? rounding_text(reader, story.line) : *story.explanation));
    }
    return kExitDone;
}

}  // namespace dcm::cli
