#include "billing/render_cases.h"
#include "cli/book.h"
#include "cli/rules_actions.h"

#include <algorithm>

namespace dcm::cli {
namespace {

// Where each case stands, in the order of the book.
std::vector<std::string> places_of(const LoadedBook& loaded) {
    std::vector<std::string> texts;
    for (const rules::Place& place : loaded.parsed.places.cases) {
        rules::Problems at;
        at.warn(place, {});
        const rules::Problem found = std::move(at).sorted().front();
        texts.push_back(found.file + ':' + std::to_string(found.line) + ':' +
                        std::to_string(found.column));
    }
    return texts;
}

}  // namespace

int test_rules(Shell& shell, const std::string& book) {
    const std::string& format = shell.format();
    const LoadedBook loaded = read_book(book_path(shell, book));
    const rules::RuleBook& rules = valid_book(loaded);
    const std::vector<std::string> places = places_of(loaded);
    std::vector<billing::RanCase> cases;
    for (std::size_t i = 0; i < rules.cases.size(); ++i) {
        cases.push_back({rules.cases[i].name, places[i], billing::run_case(rules, rules.cases[i])});
    }
    print(format == "json" ? billing::cases_json(cases, loaded.digest)
                           : billing::cases_text(cases));
    const bool all_pass = std::all_of(cases.begin(), cases.end(), [](const billing::RanCase& each) {
        return each.result.passes();
    });
    return all_pass ? kExitDone : kExitNegative;
}

}  // namespace dcm::cli
