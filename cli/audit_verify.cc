#include "cli/audit_verify.h"

#include "anchors/anchor_file.h"
#include "anchors/key_file.h"
#include "anchors/signer.h"
#include "audit/verify.h"
#include "billing/terminal_text.h"
#include "cli/anchors.h"
#include "cli/book.h"
#include "cli/ingest_session.h"
#include "cli/progress.h"
#include "store/log_reader.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

namespace dcm::cli {
namespace {

constexpr std::int64_t kProgressStep = 1'024;
constexpr std::size_t kOrphansMax = 10;

std::optional<audit::VerifierKey> verifier_key(Shell& shell, const VerifyCommandOptions& options) {
    if (!options.verifier_key.empty()) {
        return value_or_throw(audit::VerifierKey::parse(options.verifier_key));
    }
    const auto places = signer_places(shell.config(), shell.database_url().path);
    std::error_code missing;
    if (!std::filesystem::exists(places.key, missing)) {
        return std::nullopt;
    }
    return anchors::load_key(places.key).verifier();
}

// Those named on the command line, else those configured.
AnchorReading anchors_of(Shell& shell,
                         const VerifyCommandOptions& options,
                         const std::optional<audit::VerifierKey>& key) {
    std::vector<std::unique_ptr<anchors::Anchor>> named;
    for (const auto* const files : {&options.anchors, &options.trusted_notes}) {
        for (const std::string& file : *files) {
            named.push_back(std::make_unique<anchors::FileAnchor>(file));
        }
    }
    if (!named.empty()) {
        return read_anchors(named);
    }
    const AnchoredLog log{shell.database_url(), key ? key->name() : ""};
    return read_anchors(make_anchors(shell.config(), log));
}

// All keys of the log, as its records tell, when the trusted one is among them.
std::optional<audit::LogKeys> log_keys(const std::optional<audit::VerifierKey>& trusted,
                                       const store::LogReader* snapshot,
                                       std::vector<audit::Finding>& findings) {
    if (!trusted || snapshot == nullptr) {
        return trusted;
    }
    Result<audit::LogKeys> keys = audit::LogKeys::follow(*trusted, snapshot->key_changes());
    if (!keys.ok()) {
        findings.push_back(
            {audit::FindingKind::tampered, std::nullopt, std::string(keys.error().message)});
        return trusted;
    }
    return std::move(keys).value();
}

audit::PayloadParts parts_of(const std::optional<store::StoredPayload>& stored) {
    audit::PayloadParts parts;
    if (stored) {
        parts.salt = stored->salt;
        parts.payload = stored->payload;
        parts.headers = stored->headers;
    }
    return parts;
}

// The log of one snapshot through the verifier.
class LogPassage {
public:
    LogPassage(const store::LogReader& snapshot, Progress& progress)
        : snapshot_(snapshot), progress_(progress) {}

    [[nodiscard]] audit::Verdict run(audit::LogVerifier& verifier) const {
        const store::LogHead head = snapshot_.head();
        std::int64_t done = 0;
        // Rows beyond the head are evidence too, so all there are is read.
        snapshot_.each_record(
            std::numeric_limits<std::int64_t>::min(),
            std::numeric_limits<std::int64_t>::max(),
            [&](const audit::Record& record, const std::optional<store::StoredPayload>& stored) {
                verifier.add_row(record, parts_of(stored));
                if (++done % kProgressStep == 0) {
                    progress_.show({done, head.size});
                }
            });
        for (const std::int64_t seq : snapshot_.orphan_payloads(kOrphansMax)) {
            verifier.add_finding(
                {audit::FindingKind::tampered, seq, "a payload without its record"});
        }
        return verifier.finish(audit::StoredTree{
            head.size, head.frontier, snapshot_.tile_count(), head.edge, snapshot_.seal()});
    }

private:
    const store::LogReader& snapshot_;
    Progress& progress_;
};

std::vector<audit::StoredNote> stored_notes(const store::LogReader& snapshot) {
    std::vector<audit::StoredNote> notes;
    for (const store::StoredCheckpoint& checkpoint : snapshot.checkpoints()) {
        notes.push_back({checkpoint.size, checkpoint.note});
    }
    return notes;
}

std::string plural(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string verdict_text(const audit::Verdict& verdict) {
    std::string text = std::string(verdict.word) + ": " +
                       plural(verdict.records_checked, "record") + " checked, size " +
                       std::to_string(verdict.size) + ", root " + audit::to_base64(verdict.root) +
                       '\n';
    if (verdict.first_bad_seq) {
        text += "first bad record: seq " + std::to_string(*verdict.first_bad_seq) + '\n';
    }
    for (const audit::Finding& finding : verdict.findings) {
        text += std::string("finding: ") + std::string(audit::word_of(finding.kind)) +
                (finding.seq ? ", seq " + std::to_string(*finding.seq) : "") + ": " +
                billing::visible_text(finding.text) + '\n';
    }
    for (const audit::AnchorReport& anchor : verdict.anchors) {
        text += "anchor: " + billing::visible_text(anchor.name) + ' ' +
                std::string(audit::word_of(anchor.state)) + ", " + plural(anchor.notes, "note") +
                ", newest of size " + std::to_string(anchor.size) + '\n';
    }
    for (const audit::ForkReport& fork : verdict.forks) {
        text += "fork: record " + std::to_string(fork.seq) +
                ": an older copy went on here, and records " + std::to_string(fork.seq) + " to " +
                std::to_string(fork.lost_size - 1) +
                " of the history before were lost: " + billing::visible_text(fork.reason) + '\n';
    }
    if (verdict.records_after_anchor > 0) {
        text += plural(verdict.records_after_anchor, "record") + " after the newest anchor\n";
    }
    return text;
}

// What was changed in the schema proves nothing about the records, and is worth a look.
void warn_of_schema(const std::vector<std::string>& differences) {
    for (const std::string& difference : differences) {
        static_cast<void>(std::fprintf(
            stderr, "dcm-billing: schema: %s\n", billing::visible_text(difference).c_str()));
    }
}

bool has_table(const std::vector<std::string>& differences, const std::string& table) {
    return std::find(differences.begin(), differences.end(), "table " + table + ": missing") ==
           differences.end();
}

// Whether the tables a log consists of are all there.
bool has_log(const std::vector<std::string>& differences) {
    const auto tables = {"log_identity",
                         "audit_log",
                         "audit_payload",
                         "audit_head",
                         "audit_seal",
                         "audit_tile",
                         "audit_checkpoint"};
    return std::all_of(tables.begin(), tables.end(), [&differences](const char* table) {
        return has_table(differences, table);
    });
}

// The verifier key, and what is wrong with the key file, which must not hide what the log shows.
struct KeyOutcome {
    std::optional<audit::VerifierKey> key;
    std::optional<audit::Finding> finding;
};

KeyOutcome find_key(Shell& shell, const VerifyCommandOptions& options) {
    try {
        return {verifier_key(shell, options), std::nullopt};
    } catch (const Failure& failure) {
        if (!options.verifier_key.empty()) {
            throw;
        }
        const auto kind = failure.kind() == ErrorKind::malformed ? audit::FindingKind::malformed
                                                                 : audit::FindingKind::unreadable;
        return {std::nullopt, audit::Finding{kind, std::nullopt, failure.what()}};
    }
}

// A database of which some tables were dropped: whatever they held is gone.
audit::Verdict judge_without_log(audit::LogVerifier& verifier) {
    verifier.add_finding({audit::FindingKind::tampered, 0, "tables of the log are missing"});
    return verifier.finish(std::nullopt);
}

// The key is named by its log (docs/formats/checkpoint.md), and so is the database. An empty one
// that was put in its place is older than the anchors, whatever it calls itself.
void check_identity(const store::LogReader& snapshot,
                    const audit::VerifierKey& key,
                    audit::LogVerifier& verifier) {
    const std::string log_id = snapshot.log_id();
    if (snapshot.head().size > 0 && !key.name().ends_with("/audit/" + log_id)) {
        verifier.add_finding({audit::FindingKind::tampered,
                              std::nullopt,
                              "expected the database of the log " + key.name() +
                                  ", which its key names; it says it is of log '" + log_id + "'"});
    }
}

audit::Verdict judge(Shell& shell, const VerifyCommandOptions& options, store::Database& database) {
    const KeyOutcome key = find_key(shell, options);
    // Before the snapshot: a note signed meanwhile would make a growing log look rolled back.
    const AnchorReading anchors = anchors_of(shell, options, key.key);
    std::optional<store::LogReader> snapshot;
    if (database.has_schema()) {
        snapshot.emplace(database);
    }
    const std::vector<std::string> differences =
        snapshot ? snapshot->schema_differences() : std::vector<std::string>();
    const bool is_log = snapshot && has_log(differences);
    warn_of_schema(differences);
    audit::VerifyOptions verify;
    std::vector<audit::Finding> key_findings;
    verify.trusted = {log_keys(key.key, is_log ? &*snapshot : nullptr, key_findings)};
    verify.quorum = static_cast<int>(shell.config().audit.quorum);
    verify.stored_tile = [&snapshot, is_log](const audit::TileId& id) {
        return is_log ? snapshot->tile(id) : std::nullopt;
    };
    audit::LogVerifier verifier(verify,
                                is_log ? stored_notes(*snapshot) : std::vector<audit::StoredNote>(),
                                anchors.anchors);
    for (const audit::Finding& finding : anchors.findings) {
        verifier.add_finding(finding);
    }
    for (const audit::Finding& finding : key_findings) {
        verifier.add_finding(finding);
    }
    if (key.finding) {
        verifier.add_finding(*key.finding);
    }
    if (!is_log) {
        return snapshot ? judge_without_log(verifier) : verifier.finish(std::nullopt);
    }
    if (verify.trusted.keys) {
        check_identity(*snapshot, verify.trusted.keys->newest(), verifier);
    }
    Progress progress("verify", shell.clock());
    return LogPassage(*snapshot, progress).run(verifier);
}

}  // namespace

int verify_log(Shell& shell, const VerifyCommandOptions& options) {
    store::Database database = store::Database::open_for_audit(shell.database_url());
    const audit::Verdict verdict = judge(shell, options, database);
    print(options.json ? audit::verdict_json(verdict) : verdict_text(verdict));
    return verdict.exit_code;
}

}  // namespace dcm::cli
