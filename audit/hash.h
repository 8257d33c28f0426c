#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::audit {

inline constexpr std::size_t kHashBytes = 32;

using Hash = std::array<std::uint8_t, kHashBytes>;

// SHA-256 over the parts, one after the other. Reuses a context per thread.
[[nodiscard]] Hash sha256(std::string_view bytes);
[[nodiscard]] Hash sha256(std::initializer_list<std::string_view> parts);

// RFC 6962: SHA-256(0x00 || data) and SHA-256(0x01 || left || right).
[[nodiscard]] Hash leaf_hash(std::string_view leaf_data);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
// The root of a tree without leaves: SHA-256 of nothing.
[[nodiscard]] Hash empty_root();

[[nodiscard]] std::string to_hex(const Hash& hash);
[[nodiscard]] std::string to_base64(const Hash& hash);

// The 32 bytes as they are, and back; nullopt when there are not exactly 32.
[[nodiscard]] std::string_view hash_bytes(const Hash& hash);
[[nodiscard]] std::optional<Hash> hash_from_bytes(std::string_view bytes);

}  // namespace dcm::audit
