#include "cli/commands.h"
#include "cli/rules_actions.h"

#include <memory>
#include <string>

namespace dcm::cli {
namespace {

constexpr const char* kBookHelp = "A file or a directory; default: the book in force";

void add_check(CLI::App& rules, Shell& shell) {
    const auto options = std::make_shared<RulesCheckOptions>();
    CLI::App* const check = rules.add_subcommand(
        "check", "Validate a book; all problems and warnings with line and column");
    check->add_option("book", options->book, kBookHelp)->type_name("PATH");
    check->add_flag("--strict", options->strict, "Warnings are errors");
    check->footer("Example: dcm-billing rules check --strict prices.yaml");
    check->callback([&shell, options] {
        shell.choose([&shell, options] { return check_rules(shell, *options); });
    });
}

void add_show(CLI::App& rules, Shell& shell) {
    const auto book = std::make_shared<std::string>();
    CLI::App* const show = rules.add_subcommand(
        "show", "Print a book resolved: defaults, the whole lifecycle, bounds in UTC");
    show->add_option("book", *book, kBookHelp)->type_name("PATH");
    shell.add_formats(*show, {"table", "yaml", "json"});
    show->footer(
        "--format is yaml (the default), which is a book again, or json.\n"
        "Example: dcm-billing rules show prices.yaml");
    show->callback(
        [&shell, book] { shell.choose([&shell, book] { return show_rules(shell, *book); }); });
}

void add_test(CLI::App& rules, Shell& shell) {
    const auto book = std::make_shared<std::string>();
    CLI::App* const test =
        rules.add_subcommand("test", "Run the cases a book carries; 1 when one of them fails");
    test->add_option("book", *book, kBookHelp)->type_name("PATH");
    shell.add_formats(*test, {"table", "json"});
    test->footer(
        "--format is table (the default) or json.\n"
        "Example: dcm-billing rules test prices.yaml");
    test->callback(
        [&shell, book] { shell.choose([&shell, book] { return test_rules(shell, *book); }); });
}

void add_simulate(CLI::App& rules, Shell& shell) {
    const auto options = std::make_shared<RulesSimulateOptions>();
    CLI::App* const simulate = rules.add_subcommand(
        "simulate", "Price history under another book and show the difference; writes nothing");
    simulate->add_option("--candidate", options->candidate, "The other book: a file or a directory")
        ->type_name("PATH")
        ->required();
    add_instance_filters(*simulate, options->filters);
    add_time_filters(*simulate, options->filters);
    shell.add_formats(*simulate, row_formats());
    simulate->footer(
        "Example: dcm-billing rules simulate --candidate new-prices.yaml --period 2026-05");
    simulate->callback([&shell, options] {
        shell.choose([&shell, options] { return simulate_rules(shell, *options); });
    });
}

}  // namespace

std::filesystem::path book_path(Shell& shell, const std::string& book) {
    return book.empty() ? shell.config().rules : std::filesystem::path(book);
}

void add_rules_command(CLI::App& app, Shell& shell) {
    CLI::App* const rules = app.add_subcommand("rules", "Rule books");
    rules->require_subcommand(1);
    rules->footer("Example: dcm-billing rules check prices.yaml");
    add_check(*rules, shell);
    add_show(*rules, shell);
    add_test(*rules, shell);
    add_simulate(*rules, shell);
}

}  // namespace dcm::cli
