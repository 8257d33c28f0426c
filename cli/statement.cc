#include "billing/render_statement.h"
#include "cli/option_value.h"
#include "cli/statement_explain.h"
#include "cli/statements.h"
#include "cli/unknown_names.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

struct ShowOptions {
    std::string period;
    std::string tenant;
};

std::set<std::string> billed_tenants(const store::StatementReader& reader,
                                     const store::PeriodStatements& shown) {
    std::set<std::string> tenants;
    const auto add = [&tenants](const std::vector<billing::StatementTotal>& totals) {
        for (const billing::StatementTotal& total : totals) {
            tenants.insert(total.tenant);
        }
    };
    add(shown.totals());
    for (const store::ClosedPeriod& closed : reader.closed()) {
        add(reader.statements_of(closed));
    }
    return tenants;
}

int show_statement(Shell& shell, const ShowOptions& options) {
    const billing::RowFormat format = shell.row_format();
    const CivilDate month = parse_period(options.period);
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const Instant as_of = shell.clock().now();
    const store::StatementReader reader(snapshot, present_book(book), as_of);
    require_statement_month(reader, month, as_of);
    const store::PeriodStatements statements = reader.read(month);
    std::vector<billing::StatementTotal> totals;
    for (const billing::StatementTotal& total : statements.totals()) {
        if (options.tenant.empty() || options.tenant == total.tenant) {
            totals.push_back(total);
        }
    }
    if (totals.empty()) {
        tell_unknown_tenant(book, billed_tenants(reader, statements), options.tenant);
    }
    billing::StatementPrinter printer(
        {statements.origin(), totals}, format, terminal_width(), print);
    for (const billing::StatementTotal& total : totals) {
        statements.each_line(total,
                             [&printer](const billing::StatementLine& line) { printer.add(line); });
    }
    printer.finish();
    return kExitDone;
}

}  // namespace

CivilDate parse_period(const std::string& text) {
    const Result<CivilDate> month = parse_month(text);
    if (!month.ok()) {
        throw Failure(ErrorKind::usage,
                      "expected a billing month such as 2026-05, got \"" + text + '"');
    }
    return month.value();
}

void require_statement_month(const store::StatementReader& reader, CivilDate month, Instant as_of) {
    const std::string name = format_month(month);
    if (!reader.closed().empty()) {
        const std::string& first = reader.closed().front().origin.period;
        if (month < value_or_throw(parse_month(first))) {
            throw Failure(ErrorKind::usage,
                          "expected a month from " + first +
                              " on, the first that was closed, got " + name +
                              ": usage found there is a correction in the earliest open month");
        }
    }
    const Instant begins = reader.period_of(month).during.start;
    if (as_of < begins) {
        throw Failure(ErrorKind::usage,
                      "expected a month that has begun, got " + name + ", which begins at " +
                          format_rfc3339(begins));
    }
}

void add_statement_command(CLI::App& app, Shell& shell) {
    CLI::App* const statement =
        app.add_subcommand("statement", "What each tenant is billed for a month");
    statement->require_subcommand(1);
    statement->footer("Example: dcm-billing statement show 2026-05 --tenant acme");
    const auto options = std::make_shared<ShowOptions>();
    CLI::App* const show = statement->add_subcommand(
        "show", "Print the lines of a month's statements; of an open month as they would be now");
    show->add_option("period", options->period, "The billing month")
        ->type_name("YYYY-MM")
        ->required();
    show->add_option("--tenant", options->tenant, "Only this tenant's")->type_name("NAME");
    shell.add_formats(*show, row_formats());
    show->footer("Example: dcm-billing statement show 2026-05 --tenant acme --format csv");
    show->callback([&shell, options] {
        shell.choose([&shell, options] { return show_statement(shell, *options); });
    });
    const auto line = std::make_shared<std::int64_t>(0);
    CLI::App* const explain = statement->add_subcommand(
        "explain", "Why a closed line is what it is: events, rate and the arithmetic");
    explain->add_option("line", *line, "The number of the line")
        ->type_name("LINE")
        ->required()
        ->check(whole_number({1}));
    shell.add_formats(*explain, {"table", "json"});
    explain->footer("Example: dcm-billing statement explain 2");
    explain->callback([&shell, line] {
        shell.choose([&shell, line] { return explain_statement_line(shell, *line); });
    });
}

}  // namespace dcm::cli
