#pragma once

#include "store/statement.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dcm::store {

// The numbers of the stored instances by the subject of their records, `vm/i-1`: some 150 bytes of
// memory an instance. Does not change, so any thread may ask.
class KnownInstances {
public:
    explicit KnownInstances(soci::session& session);
    KnownInstances(const KnownInstances&) = delete;
    KnownInstances& operator=(const KnownInstances&) = delete;
    ~KnownInstances() = default;

    [[nodiscard]] std::optional<std::int64_t> find(std::string_view subject) const;

private:
    struct TextHash {
        using is_transparent = void;  // NOLINT(readability-identifier-naming): the library asks
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Numbers =
        std::pmr::unordered_map<std::pmr::string, std::int64_t, TextHash, std::equal_to<>>;

    std::pmr::monotonic_buffer_resource memory_;
    Numbers numbers_{&memory_};
};

}  // namespace dcm::store
