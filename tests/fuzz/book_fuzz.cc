// A rule book is read, or all that is wrong with it is told; one that was read prices what comes:
// the days of a month add up to the month, to the last digit. Lint and the book's own cases end,
// and what is shown of it is a book that is shown alike.
//
// Input: the text of a book.

#include "billing/case_run.h"
#include "billing/lint_tiers.h"
#include "billing/rating.h"
#include "billing/report.h"
#include "rules/lint.h"
#include "rules/parse.h"
#include "rules/show.h"
#include "tests/fuzz/check_problems.h"
#include "tests/fuzz/fuzz.h"

#include <array>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

constexpr std::int64_t kStart = 1'777'593'600LL * kMicrosPerSecond;  // 2026-05-01
constexpr std::int64_t kHour = 3'600 * kMicrosPerSecond;
constexpr Period kShown{Instant{kStart}, Instant{kStart + kHour * 24 * 40}};

billing::AcceptedEvent event(std::int64_t hour, std::string status) {
    return {{Instant{kStart + hour * kHour}, 0, hour}, "podman", std::move(status)};
}

// A life over a month's end, with pieces that no granularity divides.
std::vector<billing::Interval> intervals_of(const rules::Lifecycle& lifecycle) {
    std::vector<billing::AcceptedEvent> events{
        event(1, "RUNNING"), event(30, "STOPPED"), event(31, "RUNNING"), event(900, "DELETED")};
    events[1].order.time.micros += 1;
    events[2].order.time.micros += 333'333;
    return billing::derive_intervals(std::move(events), "vm", lifecycle).intervals;
}

billing::Report report_of(const rules::RuleBook& book, bool by_day) {
    std::vector<billing::GroupKey> keys{billing::GroupKey::meter};
    if (by_day) keys.push_back(billing::GroupKey::day);
    billing::ReportBuilder builder(book, keys, {});
    billing::Rater rater(
        book,
        {.shown = kShown, .as_of = kShown.end, .by_day = by_day},
        {.rated = [&builder](const billing::RatedLine& line) { builder.add(line); },
         .unrated = [&builder](const billing::UnratedPiece& piece) { builder.add(piece); }});
    for (const char* const instance : {"web-1", "web-2"}) {
        rater.add({"vm", instance}, intervals_of(book.lifecycle));
    }
    rater.finish();
    return builder.finish();
}

Decimal cost_of(const billing::Report& report) {
    Decimal sum;
    for (const billing::ReportLine& line : report.lines) {
        sum += line.cost;
    }
    return sum;
}

void check_lint(const rules::ParsedBook& parsed) {
    rules::Problems warnings;
    rules::lint_book({*parsed.book, parsed.places}, warnings);
    billing::lint_volume_tiers({*parsed.book, parsed.places}, warnings);
    check_problems(std::move(warnings).sorted());
}

void check_cases(const rules::RuleBook& book) {
    for (const rules::Case& each : book.cases) {
        const billing::CaseResult result = billing::run_case(book, each);
        DCM_CHECK(result.meters.size() >= each.expect.size());
    }
}

// A book may grow past the limits of a file when its defaults are written out.
void check_shown(const rules::RuleBook& book) {
    constexpr std::size_t shown_bytes_max = 65'536;
    const std::string shown = rules::show_book(book, rules::DocumentStyle::yaml);
    if (shown.size() > shown_bytes_max) return;
    const std::array files{rules::BookFile{"shown.yaml", shown}};
    const rules::ParsedBook again = rules::parse_book(files, {});
    DCM_CHECK(again.book.has_value());
    DCM_CHECK(rules::show_book(*again.book, rules::DocumentStyle::yaml) == shown);
}

}  // namespace

void examine(std::string_view bytes) {
    const std::array files{rules::BookFile{"book.yaml", std::string(bytes)}};
    const rules::ParsedBook parsed = rules::parse_book(files, {});
    check_problems(parsed.problems);
    DCM_CHECK(parsed.book.has_value() || !parsed.problems.empty());
    if (!parsed.book) return;
    check_lint(parsed);
    check_cases(*parsed.book);
    check_shown(*parsed.book);
    const billing::Report whole = report_of(*parsed.book, /*by_day=*/false);
    const billing::Report days = report_of(*parsed.book, /*by_day=*/true);
    DCM_CHECK(whole.total == days.total && whole.total_rounded == days.total_rounded);
    DCM_CHECK(cost_of(whole) == whole.total && cost_of(days) == whole.total);
    DCM_CHECK(whole.unrated_seconds == days.unrated_seconds);
}

}  // namespace dcm::fuzz
