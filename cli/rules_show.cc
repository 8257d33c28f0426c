#include "base/shown.h"
#include "cli/book.h"
#include "cli/rules_actions.h"
#include "rules/show.h"

namespace dcm::cli {

int show_rules(Shell& shell, const std::string& book) {
    const std::string& format = shell.format();
    const std::filesystem::path path = book_path(shell, book);
    const Book loaded = load_book(path);
    if (format == "json") {
        print(rules::show_book(loaded.rules, rules::DocumentStyle::json));
        return kExitDone;
    }
    const std::string name = path.empty() ? "the book that is built in" : path.string();
    print("# " + on_one_line(name) + ", resolved; digest of the original: " + loaded.digest + '\n' +
          rules::show_book(loaded.rules, rules::DocumentStyle::yaml));
    return kExitDone;
}

}  // namespace dcm::cli
