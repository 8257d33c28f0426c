#include "anchors/start_check.h"
#include "base/nearest.h"
#include "base/shown.h"
#include "billing/minor_unit_text.h"
#include "cli/commands.h"
#include "cli/export_list.h"
#include "cli/export_run.h"
#include "cli/own_records.h"
#include "cli/statements.h"
#include "cli/stop_signal.h"
#include "exports/validate.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

namespace dcm::cli {
namespace {

struct RunOptions {
    std::string name;
    std::string period;
    bool due = false;
};

const exports::ExportPlan& find_plan(const std::vector<exports::ExportPlan>& plans,
                                     const std::string& name) {
    const auto found = std::find_if(
        plans.begin(), plans.end(), [&name](const auto& plan) { return plan.name == name; });
    if (found != plans.end()) {
        return *found;
    }
    std::vector<std::string> known;
    std::string names;
    for (const exports::ExportPlan& plan : plans) {
        known.push_back(plan.name);
        names += (names.empty() ? "" : ", ") + plan.name;
    }
    const std::string nearest = nearest_word(name, known);
    throw Failure(ErrorKind::usage,
                  "expected the name of an export in the configuration (" +
                      (names.empty() ? "there is none" : names) + "), got \"" + name + '"' +
                      (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
}

int print_result(const exports::ExportPlan& plan, const ExportedResult& result) {
    const std::string begin = plan.name + (result.period.empty() ? "" : ' ' + result.period);
    if (!result.published) {
        return refuse("export " + begin + ": " + result.trouble, result.exit_code);
    }
    const exports::Manifest& manifest = result.published->manifest;
    print(begin + ' ' + manifest.state + ": " + (result.published->is_new ? "" : "unchanged, ") +
          std::to_string(manifest.rows()) + " rows, " + std::to_string(manifest.bytes()) +
          " bytes, total " + billing::minor_unit_text(manifest.total(), manifest.currency) + ' ' +
          manifest.currency + ", log size " + std::to_string(manifest.log_size) + '\n');
    return kExitDone;
}

// What was made is told, and what was not; the exit code.
int run_one(const exports::ExportPlan& plan,
            const std::function<std::optional<ExportRunner::Results>()>& make) {
    try {
        const auto results = make();
        int code = kExitDone;
        for (const ExportedResult& result : results.value_or(ExportRunner::Results{})) {
            code = std::max(code, print_result(plan, result));
        }
        if (results && results->empty()) {
            print(plan.name + ": nothing to export\n");
        }
        return code;
    } catch (const anchors::NotAsSigned&) {
        throw;  // so of every export
    } catch (const Failure& failure) {
        if (failure.kind() == ErrorKind::usage) {
            throw;
        }
        return refuse("export " + plan.name + ": " + failure.what(), export_exit_code(failure));
    }
}

// One that fails keeps no other from being made.
int run_due(ExportRunner& runner, const std::vector<exports::ExportPlan>& plans) {
    int code = kExitDone;
    for (const exports::ExportPlan& plan : plans) {
        code = std::max(code, run_one(plan, [&] { return runner.run_due(plan); }));
    }
    return code;
}

int run(Shell& shell, const RunOptions& options) {
    take_stop_signals();
    const std::vector<exports::ExportPlan>& plans = shell.config().exports;
    if (options.due != options.name.empty()) {
        throw Failure(ErrorKind::usage,
                      "expected the name of an export, or --due for those whose time has come");
    }
    if (options.due && !options.period.empty()) {
        throw Failure(ErrorKind::usage, "expected --period with the name of an export");
    }
    const exports::ExportPlan* const plan = options.due ? nullptr : &find_plan(plans, options.name);
    const auto period =
        options.period.empty() ? std::nullopt : std::optional(parse_period(options.period));
    ExportRunner runner(shell, {user_actor(), /*shows_progress=*/true});
    if (plan == nullptr) {
        return run_due(runner, plans);
    }
    return run_one(*plan, [&] { return std::optional(runner.run(*plan, period)); });
}

int validate(const std::string& folder) {
    std::int64_t periods = 0;
    std::int64_t problems = 0;
    exports::validate_exports(folder, [&](const exports::ValidatedPeriod& found) {
        ++periods;
        const std::string begin =
            on_one_line(found.folder.filename().string()) + ' ' + found.period + ": ";
        for (const std::string& problem : found.problems) {
            ++problems;
            print(begin + problem + '\n');
        }
        for (const std::string& advice : found.advice) {
            print(begin + "advice: ");
            print(advice + '\n');
        }
        if (found.problems.empty()) {
            print(begin + "sound, " + std::to_string(found.rows) + " rows in " +
                  std::to_string(found.bytes) + " bytes\n");
        }
    });
    if (periods == 0) {
        return refuse("expected an export with a manifest in " + folder + ", found none");
    }
    return problems == 0 ? kExitDone : kExitNegative;
}

void add_run(CLI::App& parent, Shell& shell) {
    const auto options = std::make_shared<RunOptions>();
    CLI::App* const command =
        parent.add_subcommand("run", "Make an export now, or those whose time has come");
    command->add_option("name", options->name, "An export of the configuration")->type_name("NAME");
    command->add_option("--period", options->period, "This month only")->type_name("YYYY-MM");
    command->add_flag("--due", options->due, "Every export whose schedule says so; for cron");
    command->footer(
        "Examples:\n"
        "  dcm-billing export run finance --period 2026-05\n"
        "  dcm-billing export run --due");
    command->callback(
        [&shell, options] { shell.choose([&shell, options] { return run(shell, *options); }); });
}

void add_validate(CLI::App& parent, Shell& shell) {
    const auto folder = std::make_shared<std::string>();
    CLI::App* const command =
        parent.add_subcommand("validate",
                              "Check what was written: manifest, hashes, totals, and for FOCUS the "
                              "specification's rules");
    command->add_option("folder", *folder, "The folder of an export, or one that holds some")
        ->type_name("DIR")
        ->required();
    command->footer("Example: dcm-billing export validate /var/lib/dcm-billing/exports/finance");
    command->callback([&shell, folder] { shell.choose([folder] { return validate(*folder); }); });
}

}  // namespace

void add_export_command(CLI::App& app, Shell& shell) {
    CLI::App* const command =
        app.add_subcommand("export", "Files for finance: FOCUS, statement lines, JSON Lines");
    command->require_subcommand(1);
    command->footer("Example: dcm-billing export run finance");
    add_run(*command, shell);
    add_validate(*command, shell);
    CLI::App* const list =
        command->add_subcommand("list", "The exports of the configuration, and how they stand");
    shell.add_formats(*list, row_formats());
    list->footer("Example: dcm-billing export list --format jsonl");
    list->callback([&shell] { shell.choose([&shell] { return list_exports(shell); }); });
}

}  // namespace dcm::cli
