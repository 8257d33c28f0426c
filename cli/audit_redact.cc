#include "base/encoding.h"
#include "base/shown.h"
#include "cli/audit_commands.h"
#include "cli/option_value.h"
#include "cli/own_records.h"
#include "store/redaction.h"

#include <memory>
#include <string>

namespace dcm::cli {
namespace {

void require_reference(const std::string& reference) {
    if (reference.empty() || reference.size() > store::kLegalRefBytesMax ||
        on_one_line(reference) != reference || !is_utf8(reference)) {
        throw Failure(ErrorKind::usage,
                      "expected --legal-ref as a text of 1 to " +
                          std::to_string(store::kLegalRefBytesMax) +
                          " bytes on one line without controls, got one of " +
                          std::to_string(reference.size()) + ": " + shown(reference));
    }
}

std::string refusal(std::int64_t seq, const store::RedactionOutcome& outcome) {
    using State = store::RedactionOutcome::State;
    const std::string record = "record " + std::to_string(seq);
    switch (outcome.state) {
        case State::no_record:
            return "there is no " + record + ": the log has " + std::to_string(outcome.record) +
                   " records, the first is 0";
        case State::no_payload:
            return record + " is not about a message: nothing lies beside it to be removed";
        case State::done_before:
            return record + " was redacted already, by record " + std::to_string(outcome.record) +
                   " (legal ref \"" + on_one_line(outcome.legal_ref) + "\")";
        case State::unaccounted:
            return "the payload of " + record +
                   " is gone, and no record says why: see audit verify";
        case State::done:
            break;
    }
    DCM_CHECK(false);
    return "";
}

// What of it remains in the database's own files.
std::string remainder(bool is_alone, bool is_log_empty) {
    if (is_alone && is_log_empty) {
        return "nothing of it is left in the database's files";
    }
    return "the write-ahead log can hold it until " +
           std::string(is_alone ? "its reader ends" : "the ingesting process stops");
}

int redact(Shell& shell, const store::Redaction& redaction) {
    require_reference(redaction.legal_ref);
    const store::DatabaseUrl url = shell.existing_database();
    store::Database database = store::Database::open_for_writing(url);
    OwnRecords own(shell, database);
    const store::RedactionOutcome outcome =
        store::redact(database, own.key(), shell.clock(), redaction);
    if (outcome.state != store::RedactionOutcome::State::done) {
        return refuse(refusal(redaction.seq, outcome));
    }
    bool is_log_empty = false;
    if (own.is_alone()) {
        is_log_empty = store::empty_write_ahead_log(database);
        own.sign();
    }
    print("record " + std::to_string(redaction.seq) + " redacted, as record " +
          std::to_string(outcome.record) + " says: salt, payload, subject and headers are gone; " +
          remainder(own.is_alone(), is_log_empty) +
          ". Backups, exports and the stream itself keep what they have.\n");
    return kExitDone;
}

}  // namespace

void add_audit_redact(CLI::App& audit, Shell& shell) {
    const auto redaction = std::make_shared<store::Redaction>();
    CLI::App* const command = audit.add_subcommand(
        "redact", "Remove what lies beside a record, for good, and record that it was removed");
    command->add_option("--seq", redaction->seq, "The record whose payload is to go")
        ->type_name("N")
        ->required()
        ->check(whole_number({}));
    command->add_option("--legal-ref", redaction->legal_ref, "Why: a decision, a ticket")
        ->type_name("TEXT")
        ->required();
    command->footer("Example: dcm-billing audit redact --seq 1204 --legal-ref GDPR-2026-17");
    command->callback([&shell, redaction] {
        shell.choose([&shell, redaction] {
            redaction->actor = user_actor();
            return redact(shell, *redaction);
        });
    });
}

}  // namespace dcm::cli
