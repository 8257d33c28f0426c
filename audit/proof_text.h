#pragma once

#include "audit/hash.h"
#include "audit/proof.h"
#include "base/result.h"

#include <string_view>
#include <vector>

namespace dcm::audit {

// A proof in a tree of 2^63 leaves has no more hashes.
inline constexpr std::size_t kProofHashesMax = 64;
// A tlog-proof with its note; longer texts are not looked at.
inline constexpr std::size_t kProofBytesMax = 1'100'000;

// Whether the text claims to be a C2SP tlog-proof: it begins with that header.
[[nodiscard]] bool is_tlog_proof(std::string_view text);

// Reads a C2SP tlog-proof as format_tlog_proof writes it; a line `extra`, which others may add, is
// passed over. The note is not opened. The Error names the line.
[[nodiscard]] Result<InclusionProof> parse_tlog_proof(std::string_view text);

// Reads hashes in base64, one a line, as format_hashes writes them.
[[nodiscard]] Result<std::vector<Hash>> parse_hashes(std::string_view text);

}  // namespace dcm::audit
