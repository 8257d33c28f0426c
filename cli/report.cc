#include "billing/report.h"

#include "audit/tree.h"
#include "billing/rating.h"
#include "billing/render_report.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace dcm::cli {
namespace {

struct ReportOptions {
    FilterOptions filters;
    std::string group_by = "service_type,provider";
};

std::optional<std::string> absent_if_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

billing::LineFilter line_filter(const FilterOptions& filters) {
    return {absent_if_empty(filters.service_type),
            absent_if_empty(filters.provider),
            absent_if_empty(filters.instance),
            absent_if_empty(filters.tenant),
            absent_if_empty(filters.state)};
}

std::vector<billing::GroupKey> group_keys(const std::string& text) {
    Result<std::vector<billing::GroupKey>> keys = billing::parse_group_by(text);
    if (!keys.ok()) {
        throw Failure(ErrorKind::usage, keys.error().message);
    }
    return std::move(keys).value();
}

// Where the earliest interval starts; nullopt in an empty log.
std::optional<Instant> earliest_start(const store::UsageReader& reader) {
    std::optional<Instant> earliest;
    reader.each_instance({}, [&earliest](const auto& /*key*/, const auto& timeline) {
        if (!timeline.intervals.empty()) {
            const Instant start = timeline.intervals.front().start;
            earliest = earliest ? std::min(*earliest, start) : start;
        }
    });
    return earliest;
}

// Open bounds are closed for rating: nothing lies before the earliest interval or after `as_of`.
Period shown_period(const Bounds& bounds, const store::UsageReader& reader) {
    const Instant end = bounds.to.value_or(bounds.as_of);
    if (bounds.from) {
        return {*bounds.from, std::max(*bounds.from, end)};
    }
    return {std::min(earliest_start(reader).value_or(end), end), end};
}

billing::Report rate(const store::UsageReader& reader,
                     const Book& book,
                     const ReportOptions& options,
                     const Bounds& bounds) {
    const std::vector<billing::GroupKey> keys = group_keys(options.group_by);
    billing::ReportBuilder builder(book.rules, keys, line_filter(options.filters));
    const billing::RatingBounds rating_bounds{
        shown_period(bounds, reader), bounds.as_of, billing::needs_days(keys)};
    billing::Rater rater(book.rules,
                         rating_bounds,
                         {[&builder](const billing::RatedLine& line) { builder.add(line); },
                          [&builder](const billing::UnratedPiece& piece) { builder.add(piece); }});
    // Allowances and tiers are shared by all instances of a tenant, so none is left out here: the
    // filters choose among rated lines.
    reader.each_instance({}, [&rater](const auto& key, const auto& timeline) {
        rater.add(key, timeline.intervals);
    });
    rater.finish();
    return builder.finish();
}

billing::ReportOrigin origin_of(const store::LogReader& snapshot,
                                const Book& book,
                                const Bounds& bounds) {
    const store::LogHead head = snapshot.head();
    const audit::Frontier tree = value_or_throw(audit::Frontier::restore(head.size, head.frontier));
    return {bounds.from,
            bounds.to,
            bounds.as_of,
            book.digest,
            head.size,
            audit::to_base64(tree.root())};
}

int show_report(Shell& shell, const ReportOptions& options) {
    const std::string format = shell.format({"table", "csv", "json", "jsonl"});
    const Book book = load_book(shell.config().rules);
    const Bounds bounds = resolve_bounds(options.filters, book.rules.zone, shell.clock().now());
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    const billing::Report report = rate(reader, book, options, bounds);
    const billing::ReportOrigin origin = origin_of(snapshot, book, bounds);
    if (format == "json") {
        print(billing::report_json(report, origin));
    } else if (format == "jsonl") {
        print(billing::report_jsonl(report));
    } else if (format == "csv") {
        print(billing::report_csv(report));
    } else {
        print(billing::report_text(report, origin, terminal_width()));
    }
    return kExitDone;
}

}  // namespace

void add_report_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = app.add_subcommand("report", "Rated usage, grouped and summed");
    add_instance_filters(*command, options->filters);
    add_time_filters(*command, options->filters);
    command
        ->add_option(
            "--group-by",
            options->group_by,
            "Comma list of tenant, provider, service_type, instance, meter, rate, state, day, "
            "month")
        ->type_name("KEYS")
        ->capture_default_str();
    command->footer("Example: dcm-billing report --period 2026-05 --group-by service_type,state");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return show_report(shell, *options); });
    });
}

}  // namespace dcm::cli
