#pragma once

#include "base/clock.h"
#include "billing/render_usage.h"
#include "cli/config.h"
#include "store/database.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {

// Exit codes of contracts.md.
inline constexpr int kExitDone = 0;
inline constexpr int kExitNegative = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitMalformed = 3;
inline constexpr int kExitEnvironment = 4;
// As a shell tells of a program that SIGPIPE ended: 128 + 13.
inline constexpr int kExitReaderGone = 141;

struct LogOptions {
    std::string level = "info";
    std::string format = "text";
};

// What a command can print, as --format names it. The first one is the default.
using Formats = std::vector<std::string>;
// Of commands that print rows.
[[nodiscard]] Formats row_formats();
// Of commands that always print one JSON object.
[[nodiscard]] Formats object_formats();

// What every command is given: the common options, the clock and the terminal. Commands register
// themselves with an action; main runs the one that was asked for.
class Shell {
public:
    explicit Shell(const Clock& clock) : clock_(clock) {}

    // Adds the options every command takes, before and after the command words.
    void add_common_options(CLI::App& app);
    // Says in the command's help which formats it has. One that has none prints text, and a format
    // given to it is refused, not ignored.
    void add_formats(CLI::App& command, const Formats& formats);

    // What the chosen command does; its value is the exit code.
    using Action = std::function<int()>;
    void choose(Action action) { action_ = std::move(action); }
    // Throws Failure (usage) when the command does not have the format that was asked for.
    [[nodiscard]] int run(const CLI::App& command);

    [[nodiscard]] const Clock& clock() const { return clock_; }
    // Resolved on first use; throws Failure (malformed) with all problems.
    [[nodiscard]] const Config& config();
    [[nodiscard]] store::DatabaseUrl database_url();
    // The same for commands that work on what is there: throws Failure (environment) when there is
    // none.
    [[nodiscard]] store::DatabaseUrl existing_database();
    // That of the command line, else the command's default.
    [[nodiscard]] const std::string& format() const { return format_; }
    // For what has fewer formats than its command; throws Failure (usage).
    void require_format(const Formats& formats) const;
    // The format of commands that print rows.
    [[nodiscard]] billing::RowFormat row_format() const;

private:
    // An option that sets a configuration field.
    struct FieldOption {
        std::string name;
        std::string field;
        std::string help;
        std::string type;
    };
    void add_field_option(CLI::App& app, const FieldOption& option);
    [[nodiscard]] bool has_chosen_format() const { return !format_.empty(); }
    void require_text(const std::string& command) const;

    const Clock& clock_;
    Action action_;
    std::map<std::string, std::string> flags_;
    std::string config_file_;
    std::string format_;
    std::map<const CLI::App*, Formats> formats_;
    LogOptions log_;
    std::optional<Config> config_;
};

// Who reads our standard output has closed it, as `head` does when it has enough: no failure, and
// nothing to tell.
class ReaderGone : public std::exception {};

// Results go to stdout and nothing else does. Throws ReaderGone, or Failure (environment) when
// stdout is closed or full, or a stop was asked for while nobody reads, so that a cut-off report
// never looks complete.
void print(std::string_view text);

// Columns of the terminal on stdout; 0 when stdout is no terminal, so that nothing is cut.
[[nodiscard]] std::size_t terminal_width();

// The exit code of a failure; a database that is not what was signed has codes of its own.
[[nodiscard]] int exit_code(const Failure& failure);

}  // namespace dcm::cli
