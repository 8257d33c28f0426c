#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::audit {

// Kinds of records this version writes, as the log spells them.
inline constexpr std::string_view kEventReceived = "event.received";
inline constexpr std::string_view kRulesetChanged = "ruleset.changed";
inline constexpr std::string_view kQuarantineRetried = "quarantine.retried";
inline constexpr std::string_view kPayloadRedacted = "payload.redacted";
inline constexpr std::string_view kKeyRotated = "key.rotated";
inline constexpr std::string_view kLogForked = "log.forked";
inline constexpr std::string_view kSourceGap = "source.gap";
inline constexpr std::string_view kSourceReset = "source.reset";
inline constexpr std::string_view kSourceDivergence = "source.divergence";

// The outcome of a record that says what was done.
inline constexpr std::string_view kOutcomeDone = "done";

// One row of the append-only log, field by field as `bal/1` orders them (docs/formats/record.md).
struct Record {
    std::int64_t seq = 0;
    std::int64_t recorded_at = 0;  // UTC microseconds, never decreasing
    std::string kind;
    std::string actor;
    std::string subject;
    std::optional<std::string> tenant;
    std::optional<std::string> ce_source;
    std::optional<std::string> ce_id;
    std::optional<std::string> broker_pos;
    std::string outcome;
    std::optional<std::string> reason;
    std::optional<std::string> body;
    std::optional<std::string> payload_commit;
    std::optional<std::int64_t> payload_len;

    bool operator==(const Record&) const = default;
};

// A leaf is at most this long (the C2SP entry bundle's limit).
inline constexpr std::size_t kLeafBytesMax = 65'535;

// The leaf data: "bal/1\n", then each field as `<byte length>:<bytes>\n`, NULL as `-\n`.
[[nodiscard]] std::string encode_leaf(const Record& record);
// The same into a buffer that is cleared first: no allocation when its capacity suffices.
void encode_leaf(const Record& record, std::string& leaf_data);

// The column that cannot be hashed: the first text that is no well-formed UTF-8 or holds U+0000.
[[nodiscard]] std::optional<std::string_view> unhashable_column(const Record& record);

// What a payload's commitment covers.
struct SaltedPayload {
    std::string_view salt;  // 32 random bytes
    std::string_view payload;
};
// Lower-case hex SHA-256(salt || payload): the column payload_commit.
[[nodiscard]] std::string payload_commitment(const SaltedPayload& salted);

// The subject that points at a record (`seq/7`), as payload.redacted and quarantine.retried carry.
[[nodiscard]] std::string seq_subject(std::int64_t seq);
// The seq in it, or nullopt when the text is not exactly of that form.
[[nodiscard]] std::optional<std::int64_t> parse_seq_subject(std::string_view subject);

}  // namespace dcm::audit
