#pragma once

#include "billing/event.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

// JSON by rule 3 of domain.md section 1, read the slow way: nlohmann's parser builds the whole
// tree, and what it takes and the rule does not is looked for besides.
namespace dcm::fuzz {

using Json = nlohmann::json;

inline constexpr std::size_t kNoMemberLimit = static_cast<std::size_t>(-1);

// The tree of a document that is an object, or the reason of its first fault in reading order.
[[nodiscard]] std::variant<Json, billing::Reason> read_object(std::string_view text,
                                                              std::size_t members_max);

// Whether the text is UTF-8, as nlohmann's writer sees it.
[[nodiscard]] bool is_utf8_text(const std::string& text);

}  // namespace dcm::fuzz
