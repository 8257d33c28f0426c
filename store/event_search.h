#pragma once

#include "store/log_reader.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcm::store {

struct EventKey {
    std::string_view source;
    std::string_view id;
};

// The record of an event by its CloudEvents identity: the one that was accepted, else the first
// that carries it. Reads the log from its beginning. nullopt when there is none.
[[nodiscard]] std::optional<std::int64_t> find_event(const LogReader& snapshot,
                                                     const EventKey& key);

}  // namespace dcm::store
