#include "cli/export_list.h"

#include "billing/json_text.h"
#include "billing/render_usage.h"
#include "cli/book.h"
#include "exports/due.h"
#include "store/export_state.h"
#include "store/log_reader.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

// A row of the list.
struct ExportRow {
    const exports::ExportPlan& plan;
    std::optional<store::ExportRun> run;
    std::optional<Instant> due_since;
    std::optional<Instant> next;
    std::int64_t periods = 0;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
};

std::string state_of(const ExportRow& row) {
    if (!row.run) {
        return "never";
    }
    if (row.run->has_failed) {
        return "failed";
    }
    return row.due_since ? "overdue" : "done";
}

// Schedules are in minutes: fractions of a second would be noise.
std::optional<std::string> time_text(const std::optional<Instant>& at) {
    return at ? std::optional(format_rfc3339({at->micros - at->micros % kMicrosPerSecond}))
              : std::nullopt;
}

std::optional<std::string> last_run(const ExportRow& row) {
    return row.run ? time_text(row.run->ended) : std::nullopt;
}

std::optional<std::string> trouble_of(const ExportRow& row) {
    return row.run && row.run->has_failed ? std::optional(row.run->detail) : std::nullopt;
}

std::string detail_of(const ExportRow& row) {
    return row.due_since ? "due since " + time_text(row.due_since).value_or("")
                         : trouble_of(row).value_or("");
}

std::vector<billing::Column> columns() {
    using billing::Align;
    return {{"export"},
            {"format"},
            {"state"},
            {"last_run"},
            {"next_run"},
            {"schedule"},
            {"periods", Align::right},
            {"rows", Align::right},
            {"bytes", Align::right},
            {"failures", Align::right},
            {"detail"}};
}

std::vector<std::string> cells_of(const ExportRow& row) {
    return {row.plan.name,
            std::string(exports::format_name(row.plan.format)),
            state_of(row),
            last_run(row).value_or(""),
            time_text(row.next).value_or(""),
            row.plan.schedule,
            std::to_string(row.periods),
            std::to_string(row.rows),
            std::to_string(row.bytes),
            std::to_string(row.run ? row.run->failures : 0),
            detail_of(row)};
}

std::string json_of(const ExportRow& row) {
    billing::JsonObject object;
    object.add("export", row.plan.name);
    object.add("format", exports::format_name(row.plan.format));
    object.add("compression", exports::compression_name(row.plan.compression));
    object.add("destination", row.plan.destination.string());
    object.add("state", state_of(row));
    object.add_or_null("last_run", last_run(row));
    object.add_or_null("due_since", time_text(row.due_since));
    object.add_or_null("next_run", time_text(row.next));
    object.add_or_null("schedule",
                       row.plan.schedule.empty() ? std::nullopt : std::optional(row.plan.schedule));
    object.add_json("periods", std::to_string(row.periods));
    object.add_json("rows", std::to_string(row.rows));
    object.add_json("bytes", std::to_string(row.bytes));
    object.add_json("failures", std::to_string(row.run ? row.run->failures : 0));
    object.add_or_null("detail", trouble_of(row));
    return object.text();
}

ExportRow row_of(const exports::ExportPlan& plan,
                 store::Database& database,
                 const Zone& zone,
                 Instant now) {
    ExportRow row{plan, store::read_export_run(database, plan.name), std::nullopt, std::nullopt};
    for (const store::ExportedPeriod& period : store::read_exported_periods(database, plan.name)) {
        ++row.periods;
        row.rows += period.rows;
        row.bytes += period.bytes;
    }
    if (!plan.schedule.empty()) {
        exports::RunHistory history;
        if (row.run) {
            history = {row.run->answered, row.run->failures, row.run->retry_at};
        }
        const auto schedule = value_or_throw(exports::Schedule::parse(plan.schedule));
        row.due_since = exports::due_moment(schedule, zone, history, now);
        row.next = exports::next_run(schedule, zone, history, now);
    }
    return row;
}

}  // namespace

int list_exports(Shell& shell) {
    const billing::RowFormat format = shell.row_format();
    const std::vector<exports::ExportPlan>& plans = shell.config().exports;
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    billing::RowPrinter printer(columns(), format, terminal_width(), print);
    for (const exports::ExportPlan& plan : plans) {
        const ExportRow row = row_of(plan, database, book.rules.zone, shell.clock().now());
        printer.add([&row] { return cells_of(row); }, [&row] { return json_of(row); });
    }
    printer.finish();
    return kExitDone;
}

}  // namespace dcm::cli
