#include "audit/signer.h"

#include "audit/state_text.h"
#include "base/encoding.h"

#include <utility>

namespace dcm::audit {
namespace {

constexpr std::string_view kSignerTitle = "dcm-billing signer/2\n";
constexpr std::string_view kSignerTitleBeforeSeals = "dcm-billing signer/1\n";

std::optional<SignerState> parse_state_fields(std::string_view text) {
    const bool seals = text.starts_with(kSignerTitle);
    if (!seals && !text.starts_with(kSignerTitleBeforeSeals)) {
        return std::nullopt;
    }
    text.remove_prefix(kSignerTitle.size());
    std::optional<Frontier> tree = take_tree(text);
    const auto note_text = take_field("note ", text);
    std::optional<std::string> note = note_text ? base64_decode(*note_text) : std::nullopt;
    if (!tree || !note) {
        return std::nullopt;
    }
    return SignerState{*std::move(tree), *std::move(note), seals};
}

}  // namespace

std::string format_signer_state(const SignerState& state) {
    return with_checksum(std::string(state.seals ? kSignerTitle : kSignerTitleBeforeSeals) +
                         tree_lines(state.tree) + "note " + base64_encode(as_bytes(state.note)) +
                         "\n");
}

Result<SignerState> parse_signer_state(std::string_view text) {
    std::optional<SignerState> state = parse_state_fields(text);
    // Root and checksum follow from the fields: written again, the text must be the same.
    if (!state || format_signer_state(*state) != text) {
        return malformed("expected a signer's state with a valid checksum, got another text");
    }
    return *std::move(state);
}

Checkpoint checkpoint_of(const SignerState& state, const std::string& origin) {
    return {origin, state.tree.size(), state.tree.root()};
}

SignerStep::SignerStep(const SignerState& last) : last_(last), tree_(last.tree) {}

void SignerStep::add(const Record& record) {
    if (problem_) {
        return;
    }
    if (record.seq != tree_.size()) {
        problem_ = "expected record " + std::to_string(tree_.size()) + ", got record " +
                   std::to_string(record.seq);
        return;
    }
    encode_leaf(record, leaf_data_);
    tree_.append(leaf_hash(leaf_data_));
}

Result<SignerState> SignerStep::finish(const Frontier& head) const {
    const std::string refused = "nothing is signed: ";
    if (head.size() < last_.tree.size()) {
        return malformed(refused + "expected a log of at least " +
                         std::to_string(last_.tree.size()) + " records, as was signed, got " +
                         std::to_string(head.size()));
    }
    if (problem_) {
        return malformed(refused + *problem_);
    }
    if (tree_.size() != head.size()) {
        return malformed(refused + "expected " + std::to_string(head.size()) +
                         " records as the head counts, got " + std::to_string(tree_.size()));
    }
    if (tree_ != head) {
        return malformed(refused + "expected the head to be the root " + to_base64(tree_.root()) +
                         " of the records as signed and read again, it is " +
                         to_base64(head.root()));
    }
    SignerState next = tree_.size() == last_.tree.size() ? last_ : SignerState{tree_, "", true};
    next.seals = true;
    return next;
}

}  // namespace dcm::audit
