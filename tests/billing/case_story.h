#pragma once

#include "billing/intervals.h"
#include "rules/lifecycle.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcm::billing {

// The lines of a file of the cases directory as JSON; fails the test where there is none.
[[nodiscard]] std::vector<nlohmann::json> read_cases(const std::string& file_name);

// The accepted events of a case's messages, for cases in which every message is a plain structured
// event: what decoding does with everything else is tested where decoding is.
struct Story {
    std::map<InstanceKey, std::vector<AcceptedEvent>> events;
    // By log seq from 1: (source, id).
    std::vector<std::pair<std::string, std::string>> publications;
};
// nullopt when some message is not plain.
[[nodiscard]] std::optional<Story> story_of(const nlohmann::json& messages,
                                            const rules::Lifecycle& lifecycle);

}  // namespace dcm::billing
