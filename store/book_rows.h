#pragma once

namespace dcm::store {

// Statements on the tables book and book_in_use that several sources run.

inline constexpr const char* kInsertBook =
    "INSERT INTO book (digest, bytes) VALUES (:digest, CAST(:bytes AS BLOB)) "
    "ON CONFLICT (digest) DO NOTHING";
inline constexpr const char* kSelectBook = "SELECT bytes FROM book WHERE digest = ?";
inline constexpr const char* kSelectBookInUse =
    "SELECT digest, lifecycle_digest FROM book_in_use WHERE id = 1";

}  // namespace dcm::store
