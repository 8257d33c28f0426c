#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

// What all DCM events are published on.
inline constexpr std::string_view kEventSubjects = "dcm.*";

inline constexpr std::int64_t kAckWaitSeconds = 30;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kAckPendingMax = 20'000;
// Below these a durable works, but slowly or with needless redeliveries.
inline constexpr std::int64_t kAckPendingLow = 1'000;
inline constexpr std::int64_t kAckWaitLowSeconds = 5;

// What speaks against a durable consumer.
struct DurableFindings {
    // It could lose or hide events: each says what is, what is expected and how to change it.
    std::vector<std::string> harmful;
    // It works, but not well.
    std::vector<std::string> warnings;
};

// Where a durable has to begin: everything before is recorded. An existing one that begins later
// than at the first message is taken only when there is such a record, to which the review of the
// stream adds what is missing.
struct DurableStart {
    std::int64_t sequence = 1;
};

// Judges the `config` object of CONSUMER.INFO. Pure.
[[nodiscard]] DurableFindings check_durable(const nlohmann::json& config, DurableStart start = {});

// What differs between a configuration asked for and the one the server made of it: servers drop
// fields they do not know without a word. Pure.
[[nodiscard]] std::vector<std::string> compare_durable(const nlohmann::json& asked,
                                                       const nlohmann::json& made);

// The configuration of a durable that we create.
[[nodiscard]] nlohmann::json durable_config(const std::string& durable, DurableStart start = {});

// Whether every subject that `inner` stands for is also one of `outer` (NATS wildcards). Pure.
struct SubjectPattern {
    std::string_view text;
};
[[nodiscard]] bool subject_covers(SubjectPattern outer, SubjectPattern inner);

}  // namespace dcm::consumer
