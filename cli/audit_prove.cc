#include "audit/note.h"
#include "audit/proof.h"
#include "base/shown.h"
#include "cli/audit_commands.h"
#include "cli/option_value.h"
#include "cli/own_records.h"
#include "store/event_search.h"
#include "store/merkle_reader.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

struct ProveOptions {
    std::int64_t seq = -1;
    std::vector<std::string> event;         // source, id
    std::vector<std::int64_t> consistency;  // old size, new size
};

constexpr const char* kSeeVerify = "; see audit verify";

// What the note signs, without asking whose signature it is: that is the reader's question.
audit::Checkpoint tree_of(const store::StoredCheckpoint& checkpoint) {
    const auto stated = audit::stated_checkpoint(checkpoint.note);
    if (!stated.ok() || stated.value().size != checkpoint.size) {
        throw Failure(ErrorKind::malformed,
                      "the stored checkpoint of " + std::to_string(checkpoint.size) +
                          " records is no note of that size" + kSeeVerify);
    }
    return stated.value();
}

std::optional<audit::Hash> leaf_at(const store::LogReader& snapshot, std::int64_t seq) {
    std::optional<audit::Hash> leaf;
    snapshot.each_leaf(seq, seq + 1, [&leaf](const audit::Record& record) {
        leaf = audit::leaf_hash(audit::encode_leaf(record));
    });
    return leaf;
}

int prove_inclusion(const store::LogReader& snapshot, std::int64_t seq) {
    const std::string record = "record " + std::to_string(seq);
    store::MerkleReader tree(snapshot);
    if (seq < 0 || seq >= tree.size()) {
        return refuse("there is no " + record + ": the log has " + std::to_string(tree.size()) +
                      " records, the first is 0");
    }
    const auto newest = snapshot.newest_checkpoint();
    if (!newest || newest->size <= seq) {
        throw Failure(ErrorKind::environment,
                      "expected a checkpoint that covers " + record + ", the newest is of " +
                          std::to_string(newest ? newest->size : 0) +
                          " records: try again when it is signed");
    }
    const audit::Checkpoint checkpoint = tree_of(*newest);
    if (checkpoint.size > tree.size()) {
        return refuse("the newest checkpoint is of " + std::to_string(checkpoint.size) +
                      " records, the log has " + std::to_string(tree.size()) + kSeeVerify);
    }
    audit::InclusionProof proof{
        seq, tree.proof(audit::inclusion_ranges({seq, checkpoint.size})), newest->note};
    // From its columns: a row, tiles and checkpoint that do not agree prove nothing.
    const auto leaf = leaf_at(snapshot, seq);
    if (!leaf ||
        !audit::verify_inclusion({*leaf, seq, checkpoint.size, checkpoint.root}, proof.hashes)) {
        return refuse(record + " is not the one that was signed, or the stored tree is not" +
                      kSeeVerify);
    }
    print(audit::format_tlog_proof(proof));
    return kExitDone;
}

int prove_event(const store::LogReader& snapshot, const std::vector<std::string>& event) {
    const auto seq = store::find_event(snapshot, {event.front(), event.back()});
    if (!seq) {
        return refuse("no record is of the event with source " + shown(event.front()) + " and id " +
                      shown(event.back()));
    }
    return prove_inclusion(snapshot, *seq);
}

int prove_consistency(const store::LogReader& snapshot, const std::vector<std::int64_t>& sizes) {
    const std::int64_t old_size = sizes.front();
    const std::int64_t new_size = sizes.back();
    if (old_size < 0 || old_size > new_size) {
        throw Failure(ErrorKind::usage,
                      "expected --consistency OLD NEW with 0 <= OLD <= NEW, got " +
                          std::to_string(old_size) + " and " + std::to_string(new_size));
    }
    store::MerkleReader tree(snapshot);
    if (new_size > tree.size()) {
        return refuse("there is no tree of " + std::to_string(new_size) + " records: the log has " +
                      std::to_string(tree.size()));
    }
    const auto proof = tree.proof(audit::consistency_ranges({old_size, new_size}));
    if (!audit::verify_consistency({old_size, tree.root(old_size), new_size, tree.root(new_size)},
                                   proof)) {
        return refuse("the stored tiles do not agree with each other" + std::string(kSeeVerify));
    }
    print(audit::format_hashes(proof));
    return kExitDone;
}

int prove(Shell& shell, const ProveOptions& options) {
    if (options.seq < 0 && options.event.empty() && options.consistency.empty()) {
        throw Failure(ErrorKind::usage, "expected one of --seq, --event and --consistency");
    }
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    if (!options.consistency.empty()) {
        return prove_consistency(snapshot, options.consistency);
    }
    return options.event.empty() ? prove_inclusion(snapshot, options.seq)
                                 : prove_event(snapshot, options.event);
}

}  // namespace

void add_audit_prove(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<ProveOptions>();
    CLI::App* const command = audit.add_subcommand(
        "prove", "Print a proof that a record is in the log, or that the log only grew");
    CLI::Option* const seq = command->add_option(
        "--seq", options->seq, "That this record is under the newest checkpoint");
    seq->type_name("N")->check(whole_number({}));
    CLI::Option* const event =
        command->add_option("--event", options->event, "The same for an event, by source and id");
    event->type_name("SOURCE ID")->expected(2)->excludes(seq);
    command
        ->add_option("--consistency",
                     options->consistency,
                     "That the tree of NEW records continues that of OLD")
        ->type_name("OLD NEW")
        ->expected(2)
        ->excludes(seq)
        ->excludes(event);
    command->footer("Example: dcm-billing audit prove --seq 1204 > 1204.proof");
    command->callback(
        [&shell, options] { shell.choose([&shell, options] { return prove(shell, *options); }); });
}

}  // namespace dcm::cli
