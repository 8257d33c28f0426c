#pragma once

#include "base/result.h"
#include "consumer/nats_connection.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dcm::consumer {

// err_code values of JetStream's error objects.
inline constexpr std::int64_t kConsumerNotFound = 10'014;
inline constexpr std::int64_t kMessageNotFound = 10'037;
inline constexpr std::int64_t kStreamNotFound = 10'059;
inline constexpr std::int64_t kSubjectsOverlap = 10'065;

// Not JetStream's: the server does not let the question through.
inline constexpr std::int64_t kNotPermitted = -2;

// An answer of `$JS.API.…`: an object, or the error it carries.
struct ApiAnswer {
    nlohmann::json body;
    std::int64_t error_code = 0;  // JetStream's own; 0: no error
    // The error passes by itself: nobody leads the stream now, or the API is not there yet.
    bool is_passing = false;
    std::string error_text;
};

// Reads an answer. Throws Failure (environment) for what is no JSON object.
[[nodiscard]] ApiAnswer read_answer(std::string_view subject, std::string_view text);

// The error an answer carries, for a message.
[[nodiscard]] std::string in_words(const ApiAnswer& answer);

// Asks `$JS.API.<verb>` with a JSON body; an empty one is none.
[[nodiscard]] ApiAnswer ask_jetstream(NatsConnection& connection,
                                      const std::string& verb,
                                      std::string_view body);

// Members read without exceptions: absent or of another type is the empty value.
[[nodiscard]] std::string text_member(const nlohmann::json& object, std::string_view name);
[[nodiscard]] std::int64_t number_member(const nlohmann::json& object, std::string_view name);
[[nodiscard]] bool flag_member(const nlohmann::json& object, std::string_view name);
// The member, or an empty object.
[[nodiscard]] nlohmann::json object_member(const nlohmann::json& object, std::string_view name);

}  // namespace dcm::consumer
