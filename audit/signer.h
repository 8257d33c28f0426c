#pragma once

#include "audit/note.h"
#include "audit/record.h"
#include "audit/tree.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace dcm::audit {

// What the signer remembers between checkpoints, outside the database: the tree it signed last. It
// signs nothing that is smaller or does not continue it.
struct SignerState {
    Frontier tree;
    std::string note;   // the newest note of that tree; empty before it is signed
    bool seals = true;  // false: written by a version that did not seal (docs/formats/seal.md)

    bool operator==(const SignerState&) const = default;
};

// The text of the state's file, with a checksum over all of it.
[[nodiscard]] std::string format_signer_state(const SignerState& state);
// An Error for every text that format_signer_state does not write.
[[nodiscard]] Result<SignerState> parse_signer_state(std::string_view text);

// The checkpoint to sign for the state.
[[nodiscard]] Checkpoint checkpoint_of(const SignerState& state, const std::string& origin);

// Takes the records that follow the last state, read again from the database, to the next one.
class SignerStep {
public:
    explicit SignerStep(const SignerState& last);

    // The rows from last.tree.size() on, by seq, as they are stored.
    void add(const Record& record);
    // The state to keep before signing, with no note; the last one when nothing was added.
    // An Error says why nothing may be signed: the head is smaller than what was signed, or it is
    // not what the last state and these records give.
    [[nodiscard]] Result<SignerState> finish(const Frontier& head) const;

private:
    SignerState last_;
    Frontier tree_;
    std::string leaf_data_;
    std::optional<std::string> problem_;
};

}  // namespace dcm::audit
