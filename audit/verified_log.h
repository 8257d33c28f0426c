#pragma once

#include "audit/payload_check.h"
#include "audit/tree.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// What of a log was verified before and need not be read again (docs/formats/verified.md).
struct VerifiedLog {
    std::string origin;  // `<deployment>/audit/<log id>`
    Frontier tree;
    std::optional<std::int64_t> last_recorded_at;
    // Payloads that are missing, to be explained by a redaction that follows.
    std::vector<SeqStretch> missing;

    bool operator==(const VerifiedLog&) const = default;
};

// The text of the file it is kept in, with a checksum over all of it.
[[nodiscard]] std::string format_verified_log(const VerifiedLog& verified);
// An Error for every text that format_verified_log does not write.
[[nodiscard]] Result<VerifiedLog> parse_verified_log(std::string_view text);

}  // namespace dcm::audit
