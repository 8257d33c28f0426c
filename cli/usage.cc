#include "billing/render_usage.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/usage_reader.h"

#include <memory>

namespace dcm::cli {
namespace {

// Whether any part of the interval lies within the bounds.
bool overlaps(const billing::Interval& interval, const Bounds& bounds) {
    return (!bounds.to || interval.start < *bounds.to) &&
           (!bounds.from || !interval.end || *bounds.from < *interval.end);
}

billing::Publication publication(const store::EventIdentity& identity) {
    return {identity.source, identity.id};
}

// Prints the intervals of one instance that the filters leave.
class IntervalRows {
public:
    IntervalRows(const store::UsageReader& reader,
                 const FilterOptions& filters,
                 const Book& book,
                 const Bounds& bounds)
        : reader_(reader), filters_(filters), book_(book), bounds_(bounds) {}

    void print(const billing::InstanceKey& key,
               const billing::Timeline& timeline,
               billing::UsagePrinter& printer) const {
        for (const billing::Interval& interval : timeline.intervals) {
            if (is_shown(key, interval)) {
                printer.add(row(key, interval, timeline));
            }
        }
    }

private:
    [[nodiscard]] bool is_shown(const billing::InstanceKey& key,
                                const billing::Interval& interval) const {
        if (!overlaps(interval, bounds_) || !is_wanted(filters_.provider, interval.provider) ||
            !is_wanted(filters_.state, interval.state)) {
            return false;
        }
        return filters_.tenant.empty() || is_owned(key, interval);
    }

    [[nodiscard]] bool is_owned(const billing::InstanceKey& key,
                                const billing::Interval& interval) const {
        const Instant end = interval.end.value_or(std::max(bounds_.as_of, interval.start));
        for (const rules::Ownership& owner : book_.rules.resources.ownership(
                 key.service_type, key.instance, {interval.start, end})) {
            if (owner.tenant == filters_.tenant) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] billing::UsageRow row(const billing::InstanceKey& key,
                                        const billing::Interval& interval,
                                        const billing::Timeline& timeline) const {
        billing::UsageRow row{
            key, interval, publication(reader_.identity_of(interval.opened_by)), {}};
        if (interval.closed_by) {
            row.closed_by = publication(reader_.identity_of(*interval.closed_by));
        }
        row.is_doubtful = interval.doubtful || (!interval.end && is_silent(timeline));
        return row;
    }

    [[nodiscard]] bool is_silent(const billing::Timeline& timeline) const {
        if (book_.rules.heartbeats.empty()) {
            return false;
        }
        const billing::EventOrder& last = timeline.summary->last;
        const store::EventIdentity identity = reader_.identity_of(last.log_seq);
        return billing::is_silent(
            {identity.source, last.time}, book_.rules.heartbeats, bounds_.as_of);
    }

    const store::UsageReader& reader_;
    const FilterOptions& filters_;
    const Book& book_;
    const Bounds& bounds_;
};

int show_usage(Shell& shell, const FilterOptions& filters) {
    const billing::RowFormat format = shell.row_format();
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    const Bounds bounds = resolve_bounds(
        filters, store::zone_as_closed(database, book.rules.zone), shell.clock().now());
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    const IntervalRows rows(reader, filters, book, bounds);
    billing::UsagePrinter printer(format, terminal_width(), print);
    reader.each_instance(instance_filter(filters),
                         [&rows, &printer](const auto& key, const auto& timeline) {
                             rows.print(key, timeline, printer);
                         });
    printer.finish();
    if (!printer.has_rows()) {
        tell_unknown_names({{reader, book}}, filters);
    }
    return kExitDone;
}

}  // namespace

void add_usage_command(CLI::App& app, Shell& shell) {
    const auto filters = std::make_shared<FilterOptions>();
    CLI::App* const command = app.add_subcommand(
        "usage", "Intervals: in which state each instance was, from when to when");
    add_instance_filters(*command, *filters);
    add_time_filters(*command, *filters);
    shell.add_formats(*command, row_formats());
    command->footer("Example: dcm-billing usage --period 2026-05 --service-type vm --format jsonl");
    command->callback([&shell, filters] {
        shell.choose([&shell, filters] { return show_usage(shell, *filters); });
    });
}

}  // namespace dcm::cli
