#pragma once

#include "cli/shell.h"

#include <CLI/CLI.hpp>

namespace dcm::cli {

// Subcommands of `audit`, each in a file of its own.
void add_audit_prove(CLI::App& audit, Shell& shell);
void add_audit_check_proof(CLI::App& audit, Shell& shell);
void add_audit_redact(CLI::App& audit, Shell& shell);
void add_audit_query(CLI::App& audit, Shell& shell);
void add_audit_witness(CLI::App& audit, Shell& shell);
void add_audit_export(CLI::App& audit, Shell& shell);
void add_audit_key(CLI::App& audit, Shell& shell);
void add_audit_fork(CLI::App& audit, Shell& shell);

}  // namespace dcm::cli
