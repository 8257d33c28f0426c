#include "billing/book_difference.h"
#include "cli/book.h"
#include "cli/rate_report.h"
#include "cli/rated_usage.h"
#include "cli/rules_actions.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/usage_reader.h"

namespace dcm::cli {
namespace {

// One book's prices for the history in a snapshot.
struct Priced {
    billing::Report report;
    billing::ReportOrigin origin;
};

// Dates are read in the book's own zone. Under another lifecycle than the projection's the reader
// derives the intervals again, in memory.
Priced price(const store::LogReader& snapshot,
             const Book& book,
             const FilterOptions& filters,
             Instant now) {
    const std::vector<billing::GroupKey> keys = billing::difference_keys();
    const Bounds bounds = resolve_bounds(filters, book.rules.zone, now);
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    return {rate_report(reader, book, {filters, keys}, bounds), origin_of(snapshot, book, bounds)};
}

}  // namespace

int simulate_rules(Shell& shell, const RulesSimulateOptions& options) {
    const std::string& format = shell.format();
    Book current = load_book(shell.config().rules);
    Book candidate = load_book(options.candidate);
    const Instant now = shell.clock().now();
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, current.rules);
    if (current.rules.currency != candidate.rules.currency) {
        throw Failure(ErrorKind::malformed,
                      "expected a candidate in the currency of the present book, " +
                          current.rules.currency + ", got " + candidate.rules.currency + " in " +
                          options.candidate);
    }
    for (Book* const book : {&current, &candidate}) {
        book->rules.zone = store::zone_as_closed(database, book->rules.zone);
    }
    const Priced before = price(snapshot, current, options.filters, now);
    const Priced after = price(snapshot, candidate, options.filters, now);
    const billing::BookDifference difference =
        billing::compare_reports({before.report, before.origin}, {after.report, after.origin});
    if (difference.lines.empty()) {
        const store::UsageReader by_current(snapshot, current.rules.lifecycle);
        const store::UsageReader by_candidate(snapshot, candidate.rules.lifecycle);
        tell_unknown_names({{by_current, current}, {by_candidate, candidate}}, options.filters);
    }
    if (format == "json") {
        print(billing::difference_json(difference));
    } else if (format == "jsonl") {
        print(billing::difference_jsonl(difference));
    } else if (format == "csv") {
        print(billing::difference_csv(difference));
    } else {
        print(billing::difference_text(difference, terminal_width()));
    }
    return kExitDone;
}

}  // namespace dcm::cli
