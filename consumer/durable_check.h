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
inline constexpr std::int64_t kRequestsLow = 3;

// What speaks against a durable consumer.
struct DurableFindings {
    // It could lose or hide events: each says what is, what is expected and how to change it.
    std::vector<std::string> harmful;
    // It works, but not well.
    std::vector<std::string> warnings;
};

// What a durable has to be like, beside what all are.
struct DurableTerms {
    // Where one that is created begins: everything before is accounted for.
    std::int64_t start = 1;
    // The newest recorded message of the stream: an existing durable may begin behind it. Such a
    // one is ours, created while another consumer read the stream.
    std::int64_t recorded_to = 0;
    // An existing one without a filter may begin anywhere: the review of the stream adds what is
    // missing.
    bool adds_missing = false;
    // What one that is created delivers alone; none: everything.
    std::vector<std::string> filters;
};

// How far a stream is known, and where it ends.
struct KnownStream {
    std::int64_t accounted_to = 0;  // without a hole
    std::int64_t recorded_to = 0;
    std::int64_t last_sequence = 0;
    bool is_reviewed = false;  // what the account lacks is looked for
};
// Of a durable that delivers everything. Pure.
[[nodiscard]] DurableTerms durable_terms(const KnownStream& known);

// Judges the `config` object of CONSUMER.INFO. Pure.
[[nodiscard]] DurableFindings check_durable(const nlohmann::json& config,
                                            const DurableTerms& terms = {});

// What differs between a configuration asked for and the one the server made of it: servers drop
// fields they do not know without a word. Pure.
[[nodiscard]] std::vector<std::string> compare_durable(const nlohmann::json& asked,
                                                       const nlohmann::json& made);

// The configuration of a durable that we create.
[[nodiscard]] nlohmann::json durable_config(const std::string& durable,
                                            const DurableTerms& terms = {});

// Whether every subject that `inner` stands for is also one of `outer` (NATS wildcards). Pure.
struct SubjectPattern {
    std::string_view text;
};
[[nodiscard]] bool subject_covers(SubjectPattern outer, SubjectPattern inner);

}  // namespace dcm::consumer
