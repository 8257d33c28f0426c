#pragma once

#include "cli/book.h"
#include "cli/shell.h"
#include "store/statement_reader.h"

#include <CLI/CLI.hpp>

#include <string>

namespace dcm::cli {

// What the commands share that work on billing periods: `period`, `statement`.

[[nodiscard]] inline store::PresentBook present_book(const Book& book) {
    return {book.rules, book.bytes, book.digest};
}

void add_period_command(CLI::App& app, Shell& shell);
void add_statement_command(CLI::App& app, Shell& shell);

// `2026-05`; throws Failure (usage) for anything else.
[[nodiscard]] CivilDate parse_period(const std::string& text);

}  // namespace dcm::cli
