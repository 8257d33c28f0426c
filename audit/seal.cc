#include "audit/seal.h"

#include "base/encoding.h"

namespace dcm::audit {
namespace {

constexpr std::string_view kSealTitle = "bal-seal/1\n";

// No checkpoint has this form, nor this one that of a checkpoint: the key signs both.
std::string signed_text(const Seal& seal, const std::string& origin) {
    return std::string(kSealTitle) + origin + "\n" + std::to_string(seal.first) + "\n" +
           std::to_string(seal.size) + "\n" + base64_encode(as_bytes(seal.root)) + "\n";
}

std::string count_of(std::int64_t records) {
    return std::to_string(records) + (records == 1 ? " record" : " records");
}

}  // namespace

Seal seal_records(std::int64_t first, const Frontier& tree, const SigningKey& key) {
    Seal seal;
    seal.first = first;
    seal.size = tree.size();
    seal.root = hash_bytes(tree.root());
    seal.signature = key.sign(signed_text(seal, key.verifier().name()));
    return seal;
}

SealState judge_seal(const std::optional<Seal>& seal,
                     const Frontier& tree,
                     const VerifierKey& key) {
    if (!seal) {
        return SealState::missing;
    }
    if (seal->signature.empty()) {
        return tree.size() == 0 ? SealState::fits : SealState::unsealed;
    }
    if (!key.verifies(signed_text(*seal, key.name()), seal->signature)) {
        return SealState::invalid;
    }
    if (seal->size != tree.size()) {
        return seal->size < tree.size() ? SealState::behind : SealState::ahead;
    }
    return seal->root == hash_bytes(tree.root()) ? SealState::fits : SealState::differs;
}

std::string describe_seal(SealState state, const std::optional<Seal>& seal, std::int64_t log_size) {
    const std::string size = std::to_string(seal ? seal->size : 0);
    switch (state) {
        case SealState::fits:
            return "the log is sealed";
        case SealState::missing:
            return "the log's seal is missing";
        case SealState::unsealed:
            return "no writer has sealed the " + count_of(log_size);
        case SealState::invalid:
            return "the seal is not of the log's key: whoever wrote last does not have it";
        case SealState::behind:
            return "record " + size + " is under no seal: the log's writers sealed " +
                   count_of(seal->size) + ", there are " + std::to_string(log_size);
        case SealState::ahead:
            return "the log's writers sealed " + count_of(seal->size) + ", there are " +
                   std::to_string(log_size);
        case SealState::differs:
            return "the seal of " + count_of(seal->size) + " is of the root " +
                   base64_encode(as_bytes(seal->root)) + ", the records give another";
    }
    return "the seal is of an unknown kind";
}

}  // namespace dcm::audit
