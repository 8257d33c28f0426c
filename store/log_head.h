#pragma once

namespace dcm::store {

// The head of the log: how many records there are, and the tree over them.

inline constexpr const char* kSelectLogSize = "SELECT size FROM audit_head WHERE id = 1";
inline constexpr const char* kSelectLogHead = "SELECT size, frontier FROM audit_head WHERE id = 1";

}  // namespace dcm::store
