#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace soci {
class session;
}  // namespace soci

namespace sqlite_api {
struct sqlite3;
struct sqlite3_stmt;
}  // namespace sqlite_api

namespace dcm::store {

// The connection that a session has, on SQLite's own interface.
[[nodiscard]] sqlite_api::sqlite3* connection_of(soci::session& session);

struct FinalizeStatement {
    void operator()(sqlite_api::sqlite3_stmt* statement) const;
};
using StatementHandle = std::unique_ptr<sqlite_api::sqlite3_stmt, FinalizeStatement>;

// SQLITE_STATIC, which is a cast in C: the bytes stay where they are.
using Destructor = void (*)(void*);
inline constexpr Destructor kNotCopied = nullptr;

enum class StorageClass { null, integer, real, text, blob };

// A statement of the session on SQLite's own interface, for those few that run for every record:
// SOCI copies each value twice on its way (ADR 10). Errors are SOCI's, for `guarded`.
//
// Values are bound in the order of their places, text and bytes without a copy: they stay as they
// are until run() returns, or for a query until the last fetch().
class RowStatement {
public:
    RowStatement(soci::session& session, const char* sql);
    RowStatement(const RowStatement&) = delete;
    RowStatement& operator=(const RowStatement&) = delete;
    ~RowStatement();

    RowStatement& bind(std::int64_t number);
    RowStatement& bind(std::string_view text);
    RowStatement& bind_or_null(const std::optional<std::int64_t>& number);
    RowStatement& bind_or_null(const std::optional<std::string>& text);
    RowStatement& bind_bytes(std::string_view bytes);

    // For a statement without rows. The next bind() begins again at the first place.
    void run();

    // For a query: whether there is a next row. After the last the next bind() begins again.
    [[nodiscard]] bool fetch();
    // Columns of the row, counted from 0; views are valid until the next fetch(). NULL reads as 0
    // or empty.
    [[nodiscard]] bool is_null(int column) const;
    // As SQLite stores the value, whatever the column was declared as (ADR 41).
    [[nodiscard]] StorageClass storage_class(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    // The same into a buffer that is kept.
    void copy_to(std::string& text, int column) const { text = this->text(column); }
    void copy_to(std::optional<std::string>& text, int column) const;
    void copy_to(std::optional<std::int64_t>& number, int column) const;

private:
    void require(int result) const;
    void reset();

    StatementHandle statement_;
    int place_ = 0;
};

}  // namespace dcm::store
