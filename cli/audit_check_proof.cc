#include "anchors/file_io.h"
#include "audit/note.h"
#include "audit/proof_text.h"
#include "audit/record_json.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "base/shown.h"
#include "cli/audit_commands.h"
#include "cli/own_records.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

// Twice the longest leaf in hex, or a record of which every byte is escaped.
constexpr std::size_t kLeafTextBytesMax = 1'000'000;

struct CheckOptions {
    std::string proof = "-";
    std::vector<std::string> verifier_keys;
    std::string leaf;
    std::string record;
    std::string old_note;
    std::string new_note;
};

std::string read_input(std::size_t bytes_max) {
    std::string text;
    std::string buffer(65'536, '\0');
    while (text.size() < bytes_max) {
        const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), stdin);
        text.append(buffer, 0, count);
        if (count == 0) {
            break;
        }
    }
    if (std::ferror(stdin) != 0) {
        throw Failure(ErrorKind::environment, "expected to read the proof from standard input");
    }
    return text;
}

// `bytes_max` and one byte more: whoever parses it refuses what is too long.
std::string read_whole(const std::string& file, std::size_t bytes_max) {
    if (file == "-") {
        return read_input(bytes_max + 1);
    }
    auto text = anchors::read_file(file, bytes_max + 1);
    if (!text) {
        throw Failure(ErrorKind::environment, "expected a file at " + file + ", found none");
    }
    return *std::move(text);
}

using Keys = std::vector<audit::VerifierKey>;

// The checkpoint of a note, or why not: exit code 1 for one that no key signed.
struct Opened {
    std::optional<audit::Checkpoint> checkpoint;
    std::string refusal;
};

struct GivenNote {
    std::string text;
    std::string what;  // how a message names it
};

// Of the problems of several keys the one is told whose log it is: the others cannot have signed.
Opened open_note(const GivenNote& note, const Keys& keys) {
    const std::string& what = note.what;
    std::string refusal;
    std::string foreign;
    for (const audit::VerifierKey& key : keys) {
        const audit::OpenedNote opened = audit::open_checkpoint(note.text, key);
        if (const auto* const problem = std::get_if<audit::NoteProblem>(&opened.state)) {
            if (problem->fault == audit::NoteFault::malformed) {
                throw Failure(ErrorKind::malformed, what + ": " + problem->message);
            }
            refusal = what + ": " + problem->message;
            continue;
        }
        const auto& checkpoint = std::get<audit::Checkpoint>(opened.state);
        if (checkpoint.origin == key.name()) {
            return {checkpoint, ""};
        }
        foreign = what + " is of the log " + shown(checkpoint.origin) + ", the key is of " +
                  shown(key.name());
    }
    return {std::nullopt, foreign.empty() ? refusal : foreign};
}

// Leaf data in hex, as the view audit_leaf gives it.
std::string leaf_data_of(const std::string& file) {
    std::string text = read_whole(file, kLeafTextBytesMax);
    text.erase(text.find_last_not_of(" \r\n") + 1);
    auto bytes = hex_decode(text);
    if (!bytes || bytes->empty()) {
        throw Failure(ErrorKind::malformed,
                      "expected leaf data in hex in " + file + ", got " + shown(text));
    }
    return *std::move(bytes);
}

std::string leaf_data_of(const CheckOptions& options) {
    if (!options.leaf.empty()) {
        return leaf_data_of(options.leaf);
    }
    return audit::encode_leaf(
        value_or_throw(audit::parse_record_json(read_whole(options.record, kLeafTextBytesMax))));
}

std::string about(const audit::Checkpoint& checkpoint) {
    return "the log " + checkpoint.origin + " of " + std::to_string(checkpoint.size) + " records";
}

int check_inclusion(const CheckOptions& options, const Keys& keys) {
    const audit::InclusionProof proof =
        value_or_throw(audit::parse_tlog_proof(read_whole(options.proof, audit::kProofBytesMax)));
    const std::string leaf = leaf_data_of(options);
    const Opened opened = open_note({proof.note, "the proof's checkpoint"}, keys);
    if (!opened.checkpoint) {
        return refuse("not proven: " + opened.refusal);
    }
    const audit::Checkpoint& tree = *opened.checkpoint;
    const bool is_proven = audit::verify_inclusion(
        {audit::leaf_hash(leaf), proof.index, tree.size, tree.root}, proof.hashes);
    const std::string record = "record " + std::to_string(proof.index);
    if (!is_proven) {
        return refuse("not proven: the hashes do not lead from this " + record +
                      " to the root of " + about(tree));
    }
    print("proven: " + record + " is in " + about(tree) + '\n');
    return kExitDone;
}

int check_consistency(const CheckOptions& options, const Keys& keys) {
    const auto hashes =
        value_or_throw(audit::parse_hashes(read_whole(options.proof, audit::kProofBytesMax)));
    const auto open = [&keys](const std::string& file) {
        return open_note({read_whole(file, audit::kNoteBytesMax), "the note in " + file}, keys);
    };
    const Opened old_note = open(options.old_note);
    const Opened new_note = open(options.new_note);
    for (const Opened* const opened : {&old_note, &new_note}) {
        if (!opened->checkpoint) {
            return refuse("not proven: " + opened->refusal);
        }
    }
    const audit::Checkpoint& before = *old_note.checkpoint;
    const audit::Checkpoint& after = *new_note.checkpoint;
    if (!audit::verify_consistency({before.size, before.root, after.size, after.root}, hashes)) {
        return refuse("not proven: the hashes do not show that " + about(after) +
                      " continues that of " + std::to_string(before.size));
    }
    print("proven: " + about(after) + " continues that of " + std::to_string(before.size) + '\n');
    return kExitDone;
}

int check_proof(const CheckOptions& options) {
    const bool is_inclusion = !options.leaf.empty() || !options.record.empty();
    const bool is_consistency = !options.old_note.empty() || !options.new_note.empty();
    const bool has_both_notes = !options.old_note.empty() && !options.new_note.empty();
    if (is_inclusion == is_consistency || (is_consistency && !has_both_notes)) {
        throw Failure(ErrorKind::usage,
                      "expected --leaf or --record for a proof of inclusion, or --old-note and "
                      "--new-note for one of consistency");
    }
    Keys keys;
    for (const std::string& text : options.verifier_keys) {
        keys.push_back(value_or_throw(audit::VerifierKey::parse(text)));
        if (keys.back().algorithm() != audit::KeyAlgorithm::note) {
            throw Failure(ErrorKind::malformed,
                          "expected the verifier key of a log, got that of a witness");
        }
    }
    return is_inclusion ? check_inclusion(options, keys) : check_consistency(options, keys);
}

}  // namespace

void add_audit_check_proof(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<CheckOptions>();
    CLI::App* const command =
        audit.add_subcommand("check-proof", "Check a proof of `audit prove`; needs no database");
    command->add_option("proof", options->proof, "The proof; default: standard input")
        ->type_name("FILE");
    command
        ->add_option("--vkey",
                     options->verifier_keys,
                     "The log's verifier key; repeat it for those of a log that changed its key")
        ->type_name("KEY")
        ->required()
        ->allow_extra_args(false);
    CLI::Option* const leaf = command->add_option(
        "--leaf", options->leaf, "Inclusion: leaf data in hex, as the view audit_leaf has it");
    leaf->type_name("FILE");
    command
        ->add_option("--record",
                     options->record,
                     "Inclusion: the record as JSON, as `audit export --format jsonl` or `sqlite3 "
                     "-json` prints its row of v_audit")
        ->type_name("FILE")
        ->excludes(leaf);
    command
        ->add_option("--old-note", options->old_note, "Consistency: the smaller tree's checkpoint")
        ->type_name("FILE");
    command
        ->add_option("--new-note", options->new_note, "Consistency: the larger tree's checkpoint")
        ->type_name("FILE");
    command->footer(
        "Example: dcm-billing audit check-proof 1204.proof --record 1204.json --vkey \"$(cat "
        "billing.vkey)\"");
    command->callback(
        [&shell, options] { shell.choose([options] { return check_proof(*options); }); });
}

}  // namespace dcm::cli
