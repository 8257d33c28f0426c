#include "cli/audit_verify.h"

#include "anchors/anchor_file.h"
#include "anchors/key_file.h"
#include "anchors/signer.h"
#include "audit/log_keys.h"
#include "audit/verify.h"
#include "cli/anchors.h"
#include "cli/book.h"
#include "cli/ingest_session.h"
#include "cli/log_passage.h"
#include "cli/progress.h"
#include "cli/stored_evidence.h"
#include "cli/verdict_text.h"
#include "cli/verified_file.h"
#include "cli/verify_derived.h"
#include "cli/verify_schema.h"
#include "cli/verify_tables.h"
#include "store/merkle_reader.h"
#include "store/shared_snapshot.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace dcm::cli {
namespace {

constexpr const char* kKeyCameAfter =
    "another key signed the log: a copy from before a change of keys is in its place, which this "
    "key "
    "cannot verify; the verifier key of before it can";

std::optional<audit::VerifierKey> verifier_key(Shell& shell, const VerifyCommandOptions& options) {
    if (!options.verifier_key.empty()) {
        const auto key = value_or_throw(audit::VerifierKey::parse(options.verifier_key));
        if (key.algorithm() != audit::KeyAlgorithm::note) {
            throw Failure(ErrorKind::malformed,
                          "expected the verifier key of a log, got that of a witness");
        }
        return key;
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
    std::vector<std::filesystem::path> places;
    for (const auto* const files : {&options.anchors, &options.trusted_notes}) {
        for (const std::string& file : *files) {
            if (is_among(places, file)) {
                tell("anchor " + file + " was named before: it counts once");
                continue;
            }
            places.emplace_back(file);
            named.push_back(std::make_unique<anchors::FileAnchor>(file));
        }
    }
    if (!named.empty()) {
        return read_anchors(named);
    }
    const AnchoredLog log{shell.database_url(), key ? key->name() : ""};
    return read_anchors(make_anchors(shell.config(), log, shell.clock()));
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

// Records that change the key are read although they were verified before: they say whose
// signatures count. So each must be the one that was verified.
bool are_changes_as_verified(const store::LogReader& snapshot, const audit::VerifiedLog& before) {
    store::MerkleReader tree(snapshot);
    const std::int64_t size = before.tree.size();
    if (tree.size() < size) {
        return true;  // which the verifier tells
    }
    try {
        for (const audit::Record& record : snapshot.key_changes()) {
            const bool is_before = record.seq >= 0 && record.seq < size;
            if (is_before &&
                !audit::verify_inclusion({audit::leaf_hash(audit::encode_leaf(record)),
                                          record.seq,
                                          size,
                                          before.tree.root()},
                                         tree.proof(audit::inclusion_ranges({record.seq, size})))) {
                return false;
            }
        }
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        return false;
    }
    return true;
}

audit::FindingKind kind_of(const Failure& failure) {
    return failure.kind() == ErrorKind::malformed ? audit::FindingKind::malformed
                                                  : audit::FindingKind::unreadable;
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
        return {std::nullopt, audit::Finding{kind_of(failure), std::nullopt, failure.what()}};
    }
}

// A copy from before a change of keys in the place of the log, verified with the key of after it.
bool key_came_after(Shell& shell,
                    const VerifyCommandOptions& options,
                    const store::LogReader& snapshot,
                    const audit::LogKeys& keys) {
    const auto newest = snapshot.newest_checkpoint();
    if (!newest) {
        return false;
    }
    audit::KeyEvidence evidence{
        keys, newest->note, snapshot.head().size, std::numeric_limits<std::int64_t>::max()};
    if (!audit::came_after(evidence)) {
        return false;
    }
    // Read again, in this rare case: what was read before is for the verifier.
    evidence.largest_signed = 0;
    for (const audit::Anchor& anchor : anchors_of(shell, options, keys.newest()).anchors) {
        if (anchor.text) {
            evidence.largest_signed =
                std::max(evidence.largest_signed, audit::largest_signed(*anchor.text, keys));
        }
    }
    return audit::came_after(evidence);
}

audit::VerifyOptions verify_options(Shell& shell, std::optional<audit::LogKeys> keys) {
    audit::VerifyOptions verify;
    verify.trusted = {std::move(keys)};
    verify.quorum = static_cast<int>(shell.config().audit.quorum);
    return verify;
}

void add_findings(const KeyOutcome& key,
                  const AnchorReading& anchors,
                  audit::LogVerifier& verifier) {
    for (const audit::Finding& finding : anchors.findings) {
        verifier.add_finding(finding);
    }
    if (key.finding) {
        verifier.add_finding(*key.finding);
    }
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

std::optional<VerifiedFile> state_file(Shell& shell, const VerifyCommandOptions& options) {
    if (!options.since_last) {
        return std::nullopt;
    }
    return VerifiedFile(options.state.empty()
                            ? anchors::beside(shell.database_url().path, ".verified")
                            : std::filesystem::path(options.state));
}

// What need not be read again; empty for all of the log.
audit::VerifiedLog verified_before(const std::optional<VerifiedFile>& state,
                                   const store::LogReader& snapshot,
                                   const std::optional<audit::LogKeys>& keys) {
    if (!state || !keys) {
        return {};
    }
    std::optional<audit::VerifiedLog> before = state->load(keys->newest().name());
    if (before && !are_changes_as_verified(snapshot, *before)) {
        tell(
            "a record that changes the log's key is not the one that was verified: everything is "
            "read");
        before.reset();
    }
    return before.value_or(audit::VerifiedLog());
}

// A snapshot that holds a log, all of whose tables are there.
struct FoundLog {
    Shell& shell;
    const VerifyCommandOptions& options;
    const store::SharedSnapshot& snapshot;
    const SchemaDifferences& schema;
    const std::optional<Book>& book;  // where the derived tables are asked for
};

struct LogToRead {
    std::int64_t from = 0;  // those before it were verified earlier
    const audit::StoredTree& tree;
};

// Whether all of it could be read: a page that cannot does not hide what is wrong with those
// before.
bool read_log(LogPassage& passage, const LogToRead& log, audit::LogVerifier& verifier) {
    try {
        passage.run(log.from, verifier);
    } catch (const Failure& failure) {
        verifier.cut_short({kind_of(failure), std::nullopt, failure.what()});
        return false;
    }
    verifier.compare(log.tree);
    return true;
}

// What follows from the log says something only where the log is what was recorded.
audit::DerivedReport judge_derived(const FoundLog& log,
                                   const std::optional<audit::LogKeys>& keys,
                                   bool is_log_sound,
                                   audit::LogVerifier& verifier) {
    if (!is_log_sound || lacks_tables(log.schema)) {
        return {};
    }
    return check_derived_tables(
        log.shell, {log.snapshot, log.book->rules.lifecycle, keys}, verifier);
}

audit::Verdict judge_log(const FoundLog& log, const KeyOutcome& key, const AnchorReading& anchors) {
    const auto& [shell, options, snapshot, schema, book] = log;
    const store::LogReader& reader = snapshot.first();
    std::vector<audit::Finding> key_findings;
    const std::optional<audit::LogKeys> keys = log_keys(key.key, &reader, key_findings);
    audit::VerifyOptions verify = verify_options(shell, keys);
    std::optional<VerifiedFile> state = state_file(shell, options);
    verify.before = verified_before(state, reader, keys);
    verify.stored_tile = [&reader](const audit::TileId& id) { return reader.tile(id); };
    verify.stored_proof = [&reader](const audit::ConsistencyQuery& query) {
        return stored_proof(reader, query);
    };
    const std::int64_t from = verify.before.tree.size();
    verify.trusted.came_after = keys && key_came_after(shell, options, reader, *keys);
    if (verify.trusted.came_after) {
        key_findings.push_back({audit::FindingKind::rolled_back, std::nullopt, kKeyCameAfter});
    }
    audit::LogVerifier verifier(
        std::move(verify), stored_notes(reader, from, keys), anchors.anchors);
    add_findings(key, anchors, verifier);
    judge_schema(schema, verifier);
    const bool checks_all = book && !lacks_tables(schema);
    check_tables(
        reader, checks_all ? store::CheckedTables::all : store::CheckedTables::evidence, verifier);
    // It reads every row, also those that were verified before.
    std::optional<StructureCheck> structure;
    if (!checks_all && from == 0) {
        structure.emplace(snapshot);
    }
    const std::int64_t found_before = verifier.findings().tampered();
    for (const audit::Finding& finding : key_findings) {
        verifier.add_finding(finding);
    }
    if (keys) {
        check_identity(reader, keys->newest(), verifier);
    }
    Progress progress("verify", shell.clock());
    LogPassage passage(snapshot, progress, state);
    const audit::StoredTree tree = stored_tree(reader);
    const bool is_read = read_log(passage, {from, tree}, verifier);
    // Of pages that cannot be read it would tell as of changed ones.
    if (structure && is_read) {
        structure->finish(verifier);
    }
    std::optional<audit::DerivedReport> derived;
    if (book) {
        const bool is_log_sound = is_read && verifier.findings().tampered() == found_before &&
                                  verifier.size() == tree.size;
        derived = judge_derived(log, keys, is_log_sound, verifier);
    }
    snapshot.require_unchanged();
    audit::Verdict verdict = verifier.finish();
    verdict.derived = derived;
    passage.save(verifier);
    return verdict;
}

audit::Verdict judge(Shell& shell, const VerifyCommandOptions& options) {
    // A book that is none must not be found after hours.
    const std::optional<Book> book =
        options.rebuild ? std::optional(load_book(shell.config().rules)) : std::nullopt;
    const KeyOutcome key = find_key(shell, options);
    // Before the snapshot: a note signed meanwhile would make a growing log look rolled back.
    const AnchorReading anchors = anchors_of(shell, options, key.key);
    const store::SharedSnapshot snapshot(shell.database_url(),
                                         options.jobs == 0 ? store::usual_workers() : options.jobs);
    SchemaDifferences schema;
    if (snapshot.has_schema()) {
        schema = snapshot.first().schema_differences();
        warn_of_additions(schema);
        if (has_log(schema)) {
            return with_schema(judge_log({shell, options, snapshot, schema, book}, key, anchors),
                               schema);
        }
    }
    audit::VerifyOptions verify = verify_options(shell, key.key);
    verify.stored_tile = [](const audit::TileId& /*id*/) { return std::nullopt; };
    audit::LogVerifier verifier(std::move(verify), nullptr, anchors.anchors);
    add_findings(key, anchors, verifier);
    judge_schema(schema, verifier);
    if (snapshot.has_schema()) {
        // Whatever they held is gone.
        verifier.add_finding({audit::FindingKind::tampered, 0, "tables of the log are missing"});
    }
    verifier.compare(std::nullopt);
    return with_schema(verifier.finish(), schema);
}

}  // namespace

int verify_log(Shell& shell, const VerifyCommandOptions& options) {
    const audit::Verdict verdict = judge(shell, options);
    print(options.json ? audit::verdict_json(verdict) : verdict_text(verdict));
    return verdict.exit_code;
}

}  // namespace dcm::cli
