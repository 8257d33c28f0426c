#include "cli/doctor.h"

#include "cli/anchors.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "store/closed_periods.h"
#include "store/export_state.h"

#include <optional>

namespace dcm::cli {
namespace {

// What is known of the configured stream, for the look at the broker; nullopt without a log.
std::optional<store::KnownStreams> check_what_lies_here(Shell& shell, Findings& findings) {
    std::optional<store::KnownStreams> known;
    const store::DatabaseUrl url = shell.database_url();
    EvidencePlaces places{
        signer_places(shell.config(), url.path), anchor_files(shell.config(), url.path), false};
    places.has_remote_anchor = !shell.config().audit.anchors.empty() &&
                               places.anchor_files.size() < shell.config().audit.anchors.size();
    if (!check_database_file(url, findings)) {
        return known;
    }
    check_evidence_files(places, url.path, findings);
    check_volumes(places, url.path, findings);
    static_cast<void>(findings.attempt("ingesting", [&] {
        const auto holder = store::ingesting_process(url);
        findings.add({Severity::ok, "ingesting", holder.value_or("no process at present"), ""});
    }));
    const SignedSizes signed_sizes =
        read_signed_sizes(shell.config(), url, shell.clock(), findings);
    check_quorum(shell.config(), findings);
    static_cast<void>(findings.attempt("database", [&] {
        const store::DatabaseFacts facts =
            store::read_facts(url, {shell.config().nats.stream, shell.config().nats.durable});
        check_database(facts, findings);
        if (facts.log) {
            check_log(*facts.log, signed_sizes, shell.clock().now(), findings);
            known = facts.log->streams;
        }
    }));
    return known;
}

// What an export of the configuration ended with last; one that never ran has nothing to tell.
void check_exports(Shell& shell, Findings& findings) {
    if (shell.config().exports.empty()) {
        return;
    }
    store::Database database = store::Database::open_for_reading(shell.database_url());
    for (const exports::ExportPlan& plan : shell.config().exports) {
        const auto run = store::read_export_run(database, plan.name);
        if (run && run->has_failed) {
            findings.add({Severity::warn,
                          "export " + plan.name,
                          "failed at " + format_rfc3339(run->ended) + ", " +
                              std::to_string(run->failures) + " in a row: " + run->detail,
                          "see export list; export run " + plan.name + " tries again"});
        } else if (run) {
            findings.add(
                {Severity::ok, "export " + plan.name, "made at " + format_rfc3339(run->ended), ""});
        }
    }
}

void check_rule_book(Shell& shell, bool has_log, Findings& findings) {
    static_cast<void>(findings.attempt("rule book", [&] {
        const Book book = load_book(shell.config().rules);
        if (has_log) {
            store::Database database = store::Database::open_for_reading(shell.database_url());
            store::require_same_terms(database, book.rules);
        }
        findings.add({Severity::ok, "rule book", book.digest, ""});
    }));
}

void look_at_all(Shell& shell, Findings& findings) {
    const bool is_configured = findings.attempt("configuration", [&] {
        static_cast<void>(shell.config());
        static_cast<void>(shell.database_url());
    });
    if (!is_configured) {
        return;
    }
    findings.add({Severity::ok, "configuration", "loads", ""});
    const std::optional<store::KnownStreams> known = check_what_lies_here(shell, findings);
    check_rule_book(shell, known.has_value(), findings);
    static_cast<void>(findings.attempt("exports", [&] { check_exports(shell, findings); }));
    check_broker(shell.config(), shell.clock(), known.value_or(store::KnownStreams{}), findings);
}

int examine(Shell& shell) {
    const bool as_json = shell.format() == "json";
    Findings findings;
    look_at_all(shell, findings);
    print(as_json ? findings.json() : findings.text(terminal_width()));
    return findings.exit_code();
}

}  // namespace

void add_doctor_command(CLI::App& app, Shell& shell) {
    CLI::App* const command = app.add_subcommand(
        "doctor", "Look at configuration, database, evidence and broker; change nothing");
    shell.add_formats(*command, {"table", "json"});
    command->footer("Example: dcm-billing doctor --config /etc/dcm-billing/dcm-billing.yaml");
    command->callback([&shell] { shell.choose([&shell] { return examine(shell); }); });
}

}  // namespace dcm::cli
