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

// Throws Failure (usage) for a month that has no statement and never had one: before the first that
// was closed, or not begun yet.
void require_statement_month(const store::StatementReader& reader, CivilDate month, Instant as_of);

}  // namespace dcm::cli
