#include "store/row_statement.h"

#include "base/result.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace dcm::store {
namespace {

using sqlite_api::sqlite3;
using sqlite_api::sqlite3_stmt;

[[noreturn]] void fail(sqlite3* connection, int result) {
    throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(connection), result);
}

sqlite3_stmt* prepare(sqlite3* connection, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite_api::sqlite3_prepare_v3(
        connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) {
        fail(connection, result);
    }
    return statement;
}

}  // namespace

sqlite3* connection_of(soci::session& session) {
    DCM_CHECK(session.get_backend_name() == "sqlite3");
    // SOCI does not export the type information a dynamic_cast needs.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

void FinalizeStatement::operator()(sqlite3_stmt* statement) const {
    static_cast<void>(sqlite_api::sqlite3_finalize(statement));  // repeats the last step's result
}

RowStatement::RowStatement(soci::session& session, const char* sql)
    : statement_(prepare(connection_of(session), sql)) {}

RowStatement::~RowStatement() = default;

void RowStatement::require(int result) const {
    if (result != SQLITE_OK) {
        fail(sqlite_api::sqlite3_db_handle(statement_.get()), result);
    }
}

RowStatement& RowStatement::bind(std::int64_t number) {
    require(sqlite_api::sqlite3_bind_int64(statement_.get(), ++place_, number));
    return *this;
}

RowStatement& RowStatement::bind(std::string_view text) {
    // A null pointer would bind NULL.
    require(sqlite_api::sqlite3_bind_text64(statement_.get(),
                                            ++place_,
                                            text.empty() ? "" : text.data(),
                                            text.size(),
                                            kNotCopied,
                                            SQLITE_UTF8));
    return *this;
}

RowStatement& RowStatement::bind_or_null(const std::optional<std::int64_t>& number) {
    if (number) {
        return bind(*number);
    }
    require(sqlite_api::sqlite3_bind_null(statement_.get(), ++place_));
    return *this;
}

RowStatement& RowStatement::bind_or_null(const std::optional<std::string>& text) {
    if (text) {
        return bind(std::string_view(*text));
    }
    require(sqlite_api::sqlite3_bind_null(statement_.get(), ++place_));
    return *this;
}

RowStatement& RowStatement::bind_bytes(std::string_view bytes) {
    require(sqlite_api::sqlite3_bind_blob64(
        statement_.get(), ++place_, bytes.empty() ? "" : bytes.data(), bytes.size(), kNotCopied));
    return *this;
}

void RowStatement::run() {
    const bool has_row = fetch();
    DCM_CHECK(!has_row);
}

bool RowStatement::fetch() {
    const int result = sqlite_api::sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) {
        return true;
    }
    reset();
    if (result != SQLITE_DONE) {
        fail(sqlite_api::sqlite3_db_handle(statement_.get()), result);
    }
    return false;
}

void RowStatement::reset() {
    static_cast<void>(sqlite_api::sqlite3_reset(statement_.get()));  // repeats the step's result
    place_ = 0;
}

bool RowStatement::is_null(int column) const {
    return sqlite_api::sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

StorageClass RowStatement::storage_class(int column) const {
    switch (sqlite_api::sqlite3_column_type(statement_.get(), column)) {
        case SQLITE_INTEGER:
            return StorageClass::integer;
        case SQLITE_FLOAT:
            return StorageClass::real;
        case SQLITE_TEXT:
            return StorageClass::text;
        case SQLITE_BLOB:
            return StorageClass::blob;
        default:
            return StorageClass::null;
    }
}

std::int64_t RowStatement::number(int column) const {
    return sqlite_api::sqlite3_column_int64(statement_.get(), column);
}

std::string_view RowStatement::text(int column) const {
    const void* const bytes = sqlite_api::sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite_api::sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

void RowStatement::copy_to(std::optional<std::string>& text, int column) const {
    if (is_null(column)) {
        text.reset();
    } else if (text) {
        text->assign(this->text(column));
    } else {
        text.emplace(this->text(column));
    }
}

void RowStatement::copy_to(std::optional<std::int64_t>& number, int column) const {
    number.reset();
    if (!is_null(column)) {
        number = this->number(column);
    }
}

}  // namespace dcm::store
