#pragma once

#include "cli/shell.h"

#include <CLI/CLI.hpp>

#include <string>

namespace dcm::cli {

// One function per command: adds it to the command line, with an example in its help, and leaves
// its action with the shell when it is chosen.
void add_events_command(CLI::App& app, Shell& shell);
void add_consume_command(CLI::App& app, Shell& shell);
void add_replay_command(CLI::App& app, Shell& shell);
void add_publish_command(CLI::App& app, Shell& shell);
void add_instances_command(CLI::App& app, Shell& shell);
void add_usage_command(CLI::App& app, Shell& shell);
void add_report_command(CLI::App& app, Shell& shell);
void add_explain_command(CLI::App& app, Shell& shell);
void add_export_command(CLI::App& app, Shell& shell);
void add_rules_command(CLI::App& app, Shell& shell);
void add_audit_command(CLI::App& app, Shell& shell);
void add_quarantine_command(CLI::App& app, Shell& shell);
void add_rebuild_command(CLI::App& app, Shell& shell);
void add_migrate_command(CLI::App& app, Shell& shell);
void add_doctor_command(CLI::App& app, Shell& shell);
void add_backup_command(CLI::App& app, Shell& shell);
void add_serve_command(CLI::App& app, Shell& shell);
void add_config_command(CLI::App& app, Shell& shell);
void add_version_command(CLI::App& app, Shell& shell);

// `dcm-billing 1.2.3`
[[nodiscard]] std::string version_text();

}  // namespace dcm::cli
