#include "billing/lint_tiers.h"
#include "cli/book.h"
#include "cli/rules_actions.h"
#include "rules/lint.h"

namespace dcm::cli {
namespace {

std::vector<rules::Problem> lint(const LoadedBook& loaded) {
    rules::Problems problems;
    const rules::PlacedBook placed{*loaded.parsed.book, loaded.parsed.places};
    rules::lint_book(placed, problems);
    billing::lint_volume_tiers(placed, problems);
    return std::move(problems).sorted();
}

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

int check_rules(Shell& shell, const RulesCheckOptions& options) {
    const LoadedBook loaded = read_book(book_path(shell, options.book));
    std::vector<rules::Problem> problems = loaded.parsed.problems;
    if (loaded.parsed.book) {
        problems = lint(loaded);
    }
    std::string output;
    for (rules::Problem& problem : problems) {
        if (options.strict) {
            problem.severity = rules::Severity::error;
        }
        output += rules::format_problem(problem) + '\n';
    }
    if (!loaded.parsed.book) {
        print(output);
        return kExitNegative;
    }
    if (options.strict && !problems.empty()) {
        print(output + "book is refused: --strict makes errors of " +
              counted(problems.size(), "warning") + '\n');
        return kExitNegative;
    }
    output += "book is valid: " + counted(loaded.parsed.book->rates.size(), "rate") + ", ";
    output += problems.empty() ? "" : counted(problems.size(), "warning") + ", ";
    print(output + loaded.digest + '\n');
    return kExitDone;
}

}  // namespace dcm::cli
