#include "cli/book.h"
#include "cli/commands.h"

#include <memory>
#include <string>

namespace dcm::cli {
namespace {

// Prints every problem, the book's digest when there is none.
int check_rules(Shell& shell, const std::string& path) {
    const LoadedBook loaded =
        read_book(path.empty() ? shell.config().rules : std::filesystem::path(path));
    std::string output;
    for (const rules::Problem& problem : loaded.parsed.problems) {
        output += rules::format_problem(problem) + '\n';
    }
    if (!loaded.parsed.book) {
        print(output);
        return kExitNegative;
    }
    const std::size_t rates = loaded.parsed.book->rates.size();
    print(output + "book is valid: " + std::to_string(rates) +
          (rates == 1 ? " rate, " : " rates, ") + loaded.digest + '\n');
    return kExitDone;
}

}  // namespace

void add_rules_command(CLI::App& app, Shell& shell) {
    CLI::App* const rules = app.add_subcommand("rules", "Rule books");
    rules->require_subcommand(1);
    rules->footer("Example: dcm-billing rules check prices.yaml");

    const auto path = std::make_shared<std::string>();
    CLI::App* const check =
        rules->add_subcommand("check", "Validate a book; all problems with line and column");
    check->add_option("book", *path, "A file or a directory; default: the book in force")
        ->type_name("PATH");
    check->footer("Example: dcm-billing rules check prices.yaml");
    check->callback(
        [&shell, path] { shell.choose([&shell, path] { return check_rules(shell, *path); }); });
}

}  // namespace dcm::cli
