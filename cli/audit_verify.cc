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
#include "cli/verified_file.h"
#include "store/checkpoint_rows.h"
#include "store/examined_log.h"
#include "store/merkle_reader.h"
#include "store/rebuild_check.h"
#include "store/shared_snapshot.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

namespace dcm::cli {
namespace {

constexpr std::int64_t kProgressStep = 1'024;
// What a run that is killed has to read again is at most so much.
constexpr std::int64_t kRowsBetweenSaves = 1'048'576;
// Whatever size somebody wrote beside a checkpoint.
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();

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

// With only --vkey, or only the notes, the key's name is the log's origin.
std::string origin_for(Shell& shell,
                       const std::optional<audit::VerifierKey>& key,
                       const store::LogReader* snapshot) {
    if (key) {
        return key->name();
    }
    return snapshot == nullptr
               ? ""
               : anchors::origin_of(shell.config().audit.deployment, snapshot->log_id());
}

// The log of one snapshot through the verifier.
class LogPassage {
public:
    // `state`: where to remember how far it came, when that is wanted.
    LogPassage(const store::SharedSnapshot& snapshot,
               Progress& progress,
               std::optional<VerifiedFile>& state)
        : snapshot_(snapshot), progress_(progress), state_(state) {}

    void run(std::int64_t from, audit::LogVerifier& verifier) {
        const std::int64_t total = snapshot_.first().head().size - from;
        std::int64_t done = 0;
        const auto row = [&](audit::ExaminedRow&& examined) {
            verifier.add(std::move(examined));
            if (++done % kProgressStep == 0) {
                progress_.show({done, total});
            }
            if (done % kRowsBetweenSaves == 0) {
                save(verifier);
            }
        };
        const auto orphan = [&verifier](std::int64_t seq) {
            verifier.add_finding(
                {audit::FindingKind::tampered, seq, "a payload without its record"});
        };
        store::examine_log(snapshot_, from, {row, orphan});
    }

    void save(audit::LogVerifier& verifier) {
        if (state_) {
            if (const auto verified = verifier.verified()) {
                state_->save(*verified);
            }
        }
    }

private:
    const store::SharedSnapshot& snapshot_;
    Progress& progress_;
    std::optional<VerifiedFile>& state_;
};

audit::StoredTree stored_tree(const store::LogReader& snapshot) {
    const store::LogHead head = snapshot.head();
    return {head.size, head.frontier, snapshot.tile_count(), head.edge};
}

// From the stored tiles; what they give is not trusted, so where they give nothing nothing is lost.
std::optional<std::vector<audit::Hash>> stored_proof(const store::LogReader& snapshot,
                                                     const audit::ConsistencyQuery& query) {
    try {
        store::MerkleReader tree(snapshot);
        if (query.new_size > tree.size()) {
            return std::nullopt;
        }
        const bool needs_none = query.old_size == 0 || query.old_size == query.new_size;
        return needs_none ? std::vector<audit::Hash>()
                          : tree.proof(audit::consistency_ranges(query));
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        return std::nullopt;
    }
}

audit::StoredNotes stored_notes(const store::LogReader& snapshot, std::int64_t size_min) {
    const auto rows = std::make_shared<store::CheckpointRows>(snapshot, size_min);
    return [rows]() -> std::optional<audit::StoredNote> {
        const auto checkpoint = rows->next();
        return checkpoint ? std::optional(audit::StoredNote{checkpoint->size, checkpoint->note})
                          : std::nullopt;
    };
}

std::string plural(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string verdict_text(const audit::Verdict& verdict) {
    std::string text = std::string(verdict.word) + ": " +
                       plural(verdict.records_checked, "record") + " checked, size " +
                       std::to_string(verdict.size) + ", root " + audit::to_base64(verdict.root) +
                       '\n';
    if (verdict.verified_before > 0) {
        text += "not read again: " + plural(verdict.verified_before, "record") +
                " verified before; without --since-last a change to them is found\n";
    }
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

audit::VerifyOptions verify_options(Shell& shell,
                                    const std::optional<audit::VerifierKey>& key,
                                    const store::LogReader* snapshot) {
    audit::VerifyOptions verify;
    verify.trusted = {key, origin_for(shell, key, snapshot)};
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

// With the book in use, or another that is kept in the database.
void check_derived_tables(Shell& shell,
                          const store::SharedSnapshot& snapshot,
                          audit::LogVerifier& verifier) {
    const Book book = load_book(shell.config().rules);
    Progress progress("compare", shell.clock());
    const auto show = [&progress](std::int64_t done, std::int64_t total) {
        progress.show({done, total});
    };
    const store::DerivedState state =
        store::read_derived_state(snapshot.first().database().session(), book.rules.lifecycle);
    if (!state.lifecycle && state.projection_size != 0) {
        verifier.add_finding({audit::FindingKind::unproven,
                              std::nullopt,
                              "instances and intervals were derived under a rule book that is not "
                              "kept in the database; give it with --rules"});
    }
    try {
        const std::string difference = store::compare_with_log(snapshot, state, show).first();
        if (!difference.empty()) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "the derived tables are not what the log gives: " + difference +
                                      "; dcm-billing rebuild puts them right"});
        }
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        verifier.add_finding({audit::FindingKind::tampered, std::nullopt, failure.what()});
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

// A snapshot that holds a log, all of whose tables are there.
audit::Verdict judge_log(Shell& shell,
                         const VerifyCommandOptions& options,
                         const store::SharedSnapshot& snapshot,
                         const KeyOutcome& key,
                         const AnchorReading& anchors) {
    const store::LogReader& reader = snapshot.first();
    audit::VerifyOptions verify = verify_options(shell, key.key, &reader);
    std::optional<VerifiedFile> state = state_file(shell, options);
    if (auto before = state ? state->load(verify.trusted.origin) : std::nullopt) {
        verify.before = *std::move(before);
    }
    verify.stored_tile = [&reader](const audit::TileId& id) { return reader.tile(id); };
    verify.stored_proof = [&reader](const audit::ConsistencyQuery& query) {
        return stored_proof(reader, query);
    };
    const std::int64_t from = verify.before.tree.size();
    audit::LogVerifier verifier(
        std::move(verify), stored_notes(reader, from == 0 ? kFirst : from), anchors.anchors);
    add_findings(key, anchors, verifier);
    if (key.key) {
        check_identity(reader, *key.key, verifier);
    }
    Progress progress("verify", shell.clock());
    LogPassage passage(snapshot, progress, state);
    passage.run(from, verifier);
    if (options.rebuild) {
        check_derived_tables(shell, snapshot, verifier);
    }
    audit::Verdict verdict = verifier.finish(stored_tree(reader));
    passage.save(verifier);
    return verdict;
}

audit::Verdict judge(Shell& shell, const VerifyCommandOptions& options) {
    const KeyOutcome key = find_key(shell, options);
    // Before the snapshot: a note signed meanwhile would make a growing log look rolled back.
    const AnchorReading anchors = anchors_of(shell, options, key.key);
    const store::SharedSnapshot snapshot(shell.database_url(),
                                         options.jobs == 0 ? store::usual_workers() : options.jobs);
    if (snapshot.has_schema()) {
        const std::vector<std::string> differences = snapshot.first().schema_differences();
        warn_of_schema(differences);
        if (has_log(differences)) {
            return judge_log(shell, options, snapshot, key, anchors);
        }
    }
    audit::VerifyOptions verify = verify_options(shell, key.key, nullptr);
    verify.stored_tile = [](const audit::TileId& /*id*/) { return std::nullopt; };
    audit::LogVerifier verifier(std::move(verify), nullptr, anchors.anchors);
    add_findings(key, anchors, verifier);
    return snapshot.has_schema() ? judge_without_log(verifier) : verifier.finish(std::nullopt);
}

}  // namespace

int verify_log(Shell& shell, const VerifyCommandOptions& options) {
    const audit::Verdict verdict = judge(shell, options);
    print(options.json ? audit::verdict_json(verdict) : verdict_text(verdict));
    return verdict.exit_code;
}

}  // namespace dcm::cli
