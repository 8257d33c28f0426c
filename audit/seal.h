#pragma once

#include "audit/hash.h"
#include "audit/note.h"
#include "audit/tree.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::audit {

// What a writer puts its name to in the transaction that appends: "the records from `first` on are
// mine, and with what is before them the log has `size` records and this root". The log has one
// seal, that of its head. A writer sets its own only behind a valid one, so a valid seal speaks for
// all records before it; who has no key cannot append so that anybody signs it
// (docs/formats/seal.md).
struct Seal {
    std::int64_t first = 0;
    std::int64_t size = 0;
    std::string root;       // as stored: 32 bytes
    std::string signature;  // empty: the log is from before there were seals

    bool operator==(const Seal&) const = default;
};

// The seal of the records from `first` to the end of the tree. The key is named by its log.
[[nodiscard]] Seal seal_records(std::int64_t first, const Frontier& tree, const SigningKey& key);

// How a seal stands to the log it is of.
enum class SealState {
    fits,      // of the head, and valid; or the log is empty and never had one
    missing,   // there is none
    unsealed,  // the log is from before there were seals, and nobody wrote to it since
    invalid,   // not of this key
    behind,    // valid, and there are records after it
    ahead,     // valid, and of more records than there are
    differs    // valid, of as many records, and of another root
};
[[nodiscard]] SealState judge_seal(const std::optional<Seal>& seal,
                                   const Frontier& tree,
                                   const VerifierKey& key);
// What is wrong, for people; asked of every state but `fits`.
[[nodiscard]] std::string describe_seal(SealState state,
                                        const std::optional<Seal>& seal,
                                        std::int64_t log_size);

}  // namespace dcm::audit
