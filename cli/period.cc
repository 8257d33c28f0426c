#include "base/nearest.h"
#include "billing/minor_unit_text.h"
#include "billing/render_statement.h"
#include "cli/nats.h"
#include "cli/own_records.h"
#include "cli/progress.h"
#include "cli/statements.h"
#include "consumer/backlog.h"
#include "store/period_close.h"

#include <algorithm>
#include <memory>

namespace dcm::cli {
namespace {

using CloseState = store::CloseOutcome::State;

struct CloseOptions {
    std::string period;
    std::string grace = "72h";
    std::vector<std::string> accepted;
    bool is_dry_run = false;
};

Decimal sum_of(const std::vector<billing::StatementTotal>& statements) {
    Decimal sum;
    for (const billing::StatementTotal& statement : statements) {
        sum += statement.total_rounded;
    }
    return sum;
}

billing::PeriodRow row_of(const store::ClosedPeriod& period,
                          const std::vector<billing::StatementTotal>& statements) {
    return {period.origin.period,
            period.origin.during,
            period.origin,
            static_cast<std::int64_t>(statements.size()),
            period.lines.end - period.lines.first,
            sum_of(statements)};
}

int list_periods(Shell& shell) {
    const billing::RowFormat format = shell.row_format();
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const store::StatementReader reader(snapshot, present_book(book), shell.clock().now());
    billing::PeriodPrinter printer(format, terminal_width(), print);
    for (const store::ClosedPeriod& period : reader.closed()) {
        printer.add(row_of(period, reader.statements_of(period)));
    }
    for (const billing::BillingPeriod& period : reader.open_periods()) {
        printer.add({format_month(period.month), period.during, std::nullopt, 0, 0, {}});
    }
    printer.finish();
    return kExitDone;
}

// What was done, on the first line, and what the period comes to.
std::string told(const store::CloseOutcome& outcome, bool is_dry_run) {
    const billing::StatementOrigin& origin = outcome.origin;
    std::string amount = std::to_string(outcome.statements.size()) +
                         (outcome.statements.size() == 1 ? " statement, " : " statements, ") +
                         billing::minor_unit_text(sum_of(outcome.statements), origin.currency) +
                         ' ' + origin.currency;
    if (outcome.corrections > 0) {
        amount += ", " + std::to_string(outcome.corrections) + " lines of corrections";
    }
    for (const store::ClosingDoubt& doubt : outcome.accepted) {
        amount += "\naccepted " + doubt.name + ": " + doubt.detail;
    }
    if (outcome.state == CloseState::closed_before) {
        return origin.period + " was closed already, " + format_rfc3339(origin.closing->at) +
               ", as record " + std::to_string(origin.closing->record) + " says: " + amount + '\n';
    }
    if (is_dry_run) {
        return origin.period + " could be closed: " + amount + '\n';
    }
    return origin.period + " closed, as record " + std::to_string(origin.closing->record) +
           " says: " + amount + '\n';
}

std::string refusal(const CloseOptions& options, const store::CloseOutcome& outcome) {
    std::string message =
        options.period + (options.is_dry_run ? " would not be closed:" : " was not closed:");
    for (const std::string& reason : outcome.reasons) {
        message += "\n  " + reason;
    }
    for (const store::ClosingDoubt& doubt : outcome.doubts) {
        message += "\n  " + doubt.name + ": " + doubt.detail;
    }
    if (outcome.reasons.empty()) {
        message += "\n--accept NAME closes in spite of the reason of that name, and records it";
    }
    return message;
}

std::string listed(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += list.empty() ? "" : ", ";
        list += word;
    }
    return list;
}

[[noreturn]] void refuse_doubt(const std::string& name, const std::vector<std::string>& known) {
    const std::string nearest = nearest_word(name, known);
    throw Failure(ErrorKind::usage,
                  "expected --accept as one of " + listed(known) + ", got \"" + name + '"' +
                      (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
}

void require_doubt_names(const std::vector<std::string>& names) {
    const std::vector<std::string> known = store::doubt_names();
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            refuse_doubt(name, known);
        }
    }
}

// Whether somebody chose a broker; the one that is built in need not be there.
bool has_broker(const Config& config) {
    const auto url = config.values.find("nats.url");
    return url != config.values.end() && url->second.origin != Origin::built_in;
}

// What the broker holds against closing: a message from before the end that is not brought in.
std::vector<store::ClosingDoubt> doubts_of_broker(const Config& config, Instant end) {
    if (!has_broker(config)) {
        return {};
    }
    std::string detail;
    try {
        const consumer::StreamNames names{config.nats.stream, config.nats.durable};
        consumer::require_names(names);
        consumer::NatsConnection connection(nats_options(config.nats));
        connection.ensure_open();
        detail = consumer::backlog_before(connection, names, end);
    } catch (const Failure& failure) {
        detail = std::string("not known: ") + failure.what();
    }
    return detail.empty()
               ? std::vector<store::ClosingDoubt>{}
               : std::vector<store::ClosingDoubt>{{std::string(store::kDoubtBacklog), detail}};
}

// Where the month ends by the book's zone, or, were it closed, ended.
Instant end_of(CivilDate month, const store::DatabaseUrl& url, const Book& book) {
    store::Database database = store::Database::open_for_reading(url);
    return billing::billing_period(month, store::zone_as_closed(database, book.rules.zone))
        .during.end;
}

store::PeriodClose request_of(Shell& shell,
                              const store::DatabaseUrl& url,
                              const CloseOptions& options,
                              const Book& book) {
    const CivilDate month = parse_period(options.period);
    const Result<Duration> grace = parse_duration(options.grace);
    if (!grace.ok()) {
        throw Failure(ErrorKind::usage, "--grace: " + grace.error().message);
    }
    require_doubt_names(options.accepted);
    return {month,
            present_book(book),
            user_actor(),
            grace.value(),
            options.accepted,
            doubts_of_broker(shell.config(), end_of(month, url, book)),
            /*show=*/{}};
}

store::CloseOutcome preview(Shell& shell,
                            const store::DatabaseUrl& url,
                            const store::PeriodClose& request) {
    store::Database database = store::Database::open_for_reading(url);
    return store::preview_close(database, shell.clock(), request);
}

store::CloseOutcome close_now(Shell& shell,
                              const store::DatabaseUrl& url,
                              const store::PeriodClose& request) {
    store::Database database = store::Database::open_for_writing(url);
    OwnRecords own(shell, database);
    // A statement carries a checkpoint of what it was computed from.
    if (own.is_alone()) {
        own.sign();
    }
    store::CloseOutcome outcome = store::close_period(database, own.key(), shell.clock(), request);
    // Also when another process was first: its record wants a checkpoint as well.
    if (own.is_alone() && outcome.state != CloseState::refused) {
        own.sign();
    }
    return outcome;
}

int close(Shell& shell, const CloseOptions& options) {
    const Book book = load_book(shell.config().rules);
    const store::DatabaseUrl url = shell.existing_database();
    store::PeriodClose request = request_of(shell, url, options, book);
    const store::CloseOutcome outcome = [&] {
        Progress progress("close " + options.period, shell.clock());
        request.show = [&progress](std::int64_t done, std::int64_t total) {
            progress.show({done, total});
        };
        return options.is_dry_run ? preview(shell, url, request) : close_now(shell, url, request);
    }();
    if (outcome.state == CloseState::refused) {
        return refuse(refusal(options, outcome));
    }
    print(told(outcome, options.is_dry_run));
    return kExitDone;
}

void add_period_list(CLI::App& period, Shell& shell) {
    CLI::App* const list = period.add_subcommand("list", "Closed months, and those still open");
    shell.add_formats(*list, row_formats());
    list->footer("Example: dcm-billing period list --format json");
    list->callback([&shell] { shell.choose([&shell] { return list_periods(shell); }); });
}

void add_period_close(CLI::App& period, Shell& shell) {
    const auto options = std::make_shared<CloseOptions>();
    CLI::App* const command = period.add_subcommand(
        "close", "Freeze a month: its statements are written and never change");
    command->add_option("period", options->period, "The billing month")
        ->type_name("YYYY-MM")
        ->required();
    command
        ->add_option("--grace", options->grace, "How long after its end late events are waited for")
        ->type_name("DURATION")
        ->capture_default_str();
    command
        ->add_option("--accept",
                     options->accepted,
                     "Close in spite of a reason, which is recorded: " +
                         listed(store::doubt_names()) + "; may be repeated")
        ->type_name("REASON")
        ->allow_extra_args(false);
    command->add_flag(
        "--dry-run", options->is_dry_run, "Say what closing would do, and write nothing");
    command->footer(
        "Example: dcm-billing period close 2026-05 --dry-run\n"
        "         dcm-billing period close 2026-05 --accept quarantine --accept unrated");
    command->callback(
        [&shell, options] { shell.choose([&shell, options] { return close(shell, *options); }); });
}

}  // namespace

void add_period_command(CLI::App& app, Shell& shell) {
    CLI::App* const period = app.add_subcommand("period", "Billing months: list them, close one");
    period->require_subcommand(1);
    period->footer("Example: dcm-billing period close 2026-05");
    add_period_list(*period, shell);
    add_period_close(*period, shell);
}

}  // namespace dcm::cli
