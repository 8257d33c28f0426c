#include "base/clock.h"
#include "base/nearest.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/help_text.h"
#include "cli/shell.h"
#include "cli/statements.h"
#include "cli/stop_signal.h"

#include <CLI/CLI.hpp>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {
namespace {

void add_commands(CLI::App& app, Shell& shell) {
    add_events_command(app, shell);
    add_consume_command(app, shell);
    add_replay_command(app, shell);
    add_publish_command(app, shell);
    add_instances_command(app, shell);
    add_usage_command(app, shell);
    add_report_command(app, shell);
    add_explain_command(app, shell);
    add_period_command(app, shell);
    add_statement_command(app, shell);
    add_export_command(app, shell);
    add_rules_command(app, shell);
    add_audit_command(app, shell);
    add_quarantine_command(app, shell);
    add_rebuild_command(app, shell);
    add_migrate_command(app, shell);
    add_doctor_command(app, shell);
    add_backup_command(app, shell);
    add_serve_command(app, shell);
    add_config_command(app, shell);
    add_version_command(app, shell);
}

void print_error(const std::string& message) {
    static_cast<void>(std::fprintf(stderr, "dcm-billing: %s\n", message.c_str()));
}

// The commands that were named, outermost first.
std::vector<const CLI::App*> chosen_commands(const CLI::App& app) {
    std::vector<const CLI::App*> chosen{&app};
    while (!chosen.back()->get_subcommands().empty()) {
        chosen.push_back(chosen.back()->get_subcommands().front());
    }
    return chosen;
}

std::vector<std::string> command_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* const each :
         command.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(each->get_name());
    }
    return names;
}

// Common options stand after every command too.
std::vector<std::string> flag_names(const std::vector<const CLI::App*>& commands) {
    std::vector<std::string> names;
    for (const CLI::App* const command : commands) {
        for (const CLI::Option* const option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    }
    return names;
}

std::string unknown_word(std::string_view what,
                         const std::vector<std::string>& known,
                         const std::string& word) {
    const std::string nearest = nearest_word(word.substr(0, word.find('=')), known);
    return "unknown " + std::string(what) + " \"" + word + '"' +
           (nearest.empty() ? "" : "; did you mean " + nearest + '?');
}

std::vector<CLI::App*> subcommands_of(CLI::App& command) {
    return command.get_subcommands([](CLI::App*) { return true; });
}

// Points from each command's help to the options that all of them take.
void point_to_common_options(CLI::App& app) {
    std::vector<CLI::App*> waiting = subcommands_of(app);
    while (!waiting.empty()) {
        CLI::App* const command = waiting.back();
        waiting.pop_back();
        command->footer(command->get_footer() +
                        "\nOptions of all commands (--config, --database, --rules, …): "
                        "dcm-billing --help");
        for (CLI::App* const below : subcommands_of(*command)) {
            waiting.push_back(below);
        }
    }
}

// The words of the command line, last one first, as the parser wants them; `help WORDS` asks for
// the help of these.
std::vector<std::string> reversed_words(int argc, char** argv) {
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    std::reverse(words.begin(), words.end());
    return words;
}

// Says what was not understood, and which words there are, or where they are told.
void print_usage_error(const CLI::App& app, const CLI::Error& error) {
    const std::vector<const CLI::App*> chosen = chosen_commands(app);
    const std::vector<std::string> commands = command_names(*chosen.back());
    const std::vector<std::string> left = app.remaining(/*recurse=*/true);
    const auto flag = std::find_if(
        left.begin(), left.end(), [](const std::string& word) { return word.starts_with('-'); });
    std::string what = error.what();
    // What stands behind a command that is none is not judged.
    const bool is_command = !commands.empty() && !left.empty() && flag != left.begin();
    if (is_command) {
        what = unknown_word("command", commands, left.front());
    } else if (flag != left.end()) {
        what = unknown_word("flag", flag_names(chosen), *flag);
    } else if (!left.empty()) {
        what = "expected no further argument, got \"" + left.front() + '"';
    }
    std::string path = "dcm-billing";
    for (std::size_t depth = 1; depth < chosen.size(); ++depth) {
        path += ' ' + chosen[depth]->get_name();
    }
    print_error(what + "; see " + path + " --help");
    if (!commands.empty()) {
        std::string names;
        for (const std::string& name : commands) {
            names += ' ' + name;
        }
        print_error("commands:" + names);
    }
}

// Reads the command line and runs what was chosen; every failure ends here.
int run(int argc, char** argv) {
    const SystemClock clock;
    Shell shell(clock);
    CLI::App app("Turns status events into usage, cost and an append-only audit log",
                 "dcm-billing");
    // Commands take it over when they are added.
    app.formatter(std::make_shared<HelpFormatter>());
    app.require_subcommand(1);
    app.fallthrough();
    app.footer("Example: dcm-billing replay events.jsonl && dcm-billing report --period 2026-05");
    app.set_version_flag("--version", version_text(), "Print the version");
    shell.add_common_options(app);
    add_commands(app, shell);
    point_to_common_options(app);
    try {
        app.parse(reversed_words(argc, argv));
        return shell.run(*chosen_commands(app).back());
    } catch (const CLI::Success& asked) {
        return app.exit(asked);
    } catch (const CLI::Error& error) {
        print_usage_error(app, error);
        return kExitUsage;
    } catch (const ReaderGone&) {
        return kExitReaderGone;
    } catch (const Failure& failure) {
        print_error(failure.what());
        return exit_code(failure);
    } catch (const std::exception& unexpected) {
        print_error(unexpected.what());
        return kExitEnvironment;
    }
}

}  // namespace
}  // namespace dcm::cli

int main(int argc, char** argv) {
    // Batches are some megabytes; given back to the system and asked for again each time, their
    // pages would be cleared anew for every batch.
    // No thread has been started yet.
    constexpr int kept_bytes = 256 * 1'024 * 1'024;
    static_cast<void>(mallopt(M_MMAP_THRESHOLD, kept_bytes));  // NOLINT(concurrency-mt-unsafe)
    static_cast<void>(mallopt(M_TRIM_THRESHOLD, kept_bytes));  // NOLINT(concurrency-mt-unsafe)
    dcm::cli::ignore_broken_pipes();
    return dcm::cli::run(argc, argv);
}
