#pragma once

#include "audit/note.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// The body of a C2SP tlog-witness `add-checkpoint` request (docs/formats/witness.md).
struct AddCheckpoint {
    std::int64_t old_size = 0;
    std::vector<Hash> proof;  // from old_size to the checkpoint's size
    std::string note;

    bool operator==(const AddCheckpoint&) const = default;
};

inline constexpr std::size_t kAddCheckpointBytesMax = 65'536;
inline constexpr std::size_t kAddCheckpointHashesMax = 63;

[[nodiscard]] std::string format_add_checkpoint(const AddCheckpoint& request);
// The note is not opened. An Error for every text that format_add_checkpoint does not write.
[[nodiscard]] Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

// What a witness says to a request, as HTTP statuses.
enum class WitnessStatus {
    cosigned = 200,
    malformed = 400,
    not_signed = 403,
    unknown_log = 404,
    conflict = 409,
    bad_proof = 422
};

struct WitnessDecision {
    WitnessStatus status = WitnessStatus::malformed;
    std::string why;  // for people; empty when it is cosigned
    // The size cosigned last, for a conflict.
    std::int64_t size = 0;
    // What is to be remembered, and then cosigned.
    Checkpoint checkpoint{};
};

// The newest tree of each log that a witness cosigned: it cosigns only what continues that.
class WitnessedLogs {
public:
    // The logs' keys, each named by the origin of its log; a log may have several.
    explicit WitnessedLogs(std::vector<VerifierKey> keys) : keys_(std::move(keys)) {}

    [[nodiscard]] WitnessDecision decide(const AddCheckpoint& request) const;
    // After a decision to cosign: from here on this is the newest.
    void remember(const Checkpoint& checkpoint);

    // The text of the file they are kept in, with a checksum. Logs without a key stay in it.
    [[nodiscard]] std::string state() const;
    // Takes what an earlier state() wrote; an Error for every other text.
    [[nodiscard]] std::optional<Error> restore(std::string_view state);

private:
    [[nodiscard]] WitnessDecision decide(const AddCheckpoint& request,
                                         const Checkpoint& checkpoint) const;

    std::vector<VerifierKey> keys_;
    std::map<std::string, Checkpoint, std::less<>> newest_;  // by origin
};

}  // namespace dcm::audit
