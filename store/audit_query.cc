#include "store/audit_query.h"

#include "base/nearest.h"
#include "migrations/schema_comparison.h"
#include "store/log_reader.h"
#include "store/query_guard.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace dcm::store {
namespace {

namespace api = sqlite_api;

constexpr std::string_view kQuerying = "read the log for a query";
constexpr std::int64_t kMebibyte = std::int64_t{1} << 20U;
// What a large sort needs stays in memory, which is bounded: no temporary file is written.
constexpr const char* kSortInMemory = "PRAGMA temp_store = MEMORY";
// Since SQLite 3.38 and until 3.41 json_extract counts as unsafe in a view of a schema that is not
// trusted (ADR 17); ours are then compared, and nobody else's are left.
constexpr const char* kTrustSchema = "PRAGMA trusted_schema = ON";
// Only a table with rows of its own computes nothing; an index does so on demand of its table.
constexpr const char* kSelectObjects =
    "SELECT type, name, CASE type WHEN 'table' THEN rootpage = 0 WHEN 'index' THEN 0 ELSE 1 END "
    "FROM sqlite_schema";
// Tables that every SQLite has.
constexpr std::array<const char*, 2> kBuiltInTables{"sqlite_master", "sqlite_schema"};
constexpr std::string_view kTable = "table ";
constexpr std::string_view kNotOurs = ": not ours";

struct SchemaObject {
    std::string type;
    std::string name;
    int computes = 0;
};

// SQLite counts memory only when told so before its first use; where it is in use already, as in a
// test, the other limits must do.
void bound_memory() {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface.
    if (api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) == SQLITE_OK &&
        api::sqlite3_initialize() == SQLITE_OK) {
        static_cast<void>(api::sqlite3_hard_heap_limit64(kQueryMemoryBytesMax));
    }
}

Database open_bounded(const DatabaseUrl& url) {
    bound_memory();
    Database database = Database::open_for_reading(url);
    migrations::run_script(database.session(), kSortInMemory, kQuerying);
    return database;
}

[[noreturn]] void refuse_schema(const std::string& what) {
    throw Failure(ErrorKind::malformed,
                  "expected the schema of dcm-billing, got " + what +
                      ": a query would answer what somebody else wrote; see audit verify");
}

std::vector<SchemaObject> select_objects(soci::session& session) {
    std::vector<SchemaObject> objects;
    SchemaObject row;
    soci::statement statement = (session.prepare << kSelectObjects,
                                 soci::into(row.type),
                                 soci::into(row.name),
                                 soci::into(row.computes));
    statement.execute();
    while (statement.fetch()) {
        objects.push_back(row);
    }
    return objects;
}

// Ours are defined as this program defines them; then a stranger's table may be there with its
// indexes, none of which is read. Whatever else would have a say in the answer: an index on a table
// of ours, too, which answers in its place with whatever it holds.
std::vector<std::string> strange_objects_in(soci::session& session,
                                            const std::vector<SchemaObject>& objects) {
    std::vector<std::string> differences;
    for (const auto& difference : migrations::schema_differences(session)) {
        if (difference.kind != migrations::SchemaDifference::Kind::added) {
            refuse_schema(difference.text());
        }
        differences.push_back(difference.text());
    }
    for (const std::string& index : migrations::strange_indexes(session)) {
        refuse_schema("index " + index + std::string(kNotOurs) + ", on a table of ours");
    }
    for (const SchemaObject& object : objects) {
        const std::string told = object.type + ' ' + object.name;
        const bool is_ours =
            std::find(differences.begin(), differences.end(), told + std::string(kNotOurs)) ==
            differences.end();
        if (!is_ours && object.computes != 0) {
            refuse_schema(told + std::string(kNotOurs));
        }
    }
    return differences;
}

QueryGuard::Names readable_in(const std::vector<SchemaObject>& objects,
                              const std::vector<std::string>& strange) {
    QueryGuard::Names names(kBuiltInTables.begin(), kBuiltInTables.end());
    for (const SchemaObject& object : objects) {
        if (object.type == "table" || object.type == "view") {
            names.insert(object.name);
        }
    }
    for (const std::string& told : strange) {
        if (told.starts_with(kTable)) {
            names.erase(told.substr(kTable.size(), told.size() - kTable.size() - kNotOurs.size()));
        }
    }
    return names;
}

[[noreturn]] void refuse_query(const std::string& why) {
    throw Failure(ErrorKind::usage, "query: " + why);
}

std::string real_text(api::sqlite3_stmt* statement, int column) {
    std::array<char, 32> text{};
    // Enough digits to read the same number back.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface.
    static_cast<void>(api::sqlite3_snprintf(static_cast<int>(text.size()),
                                            text.data(),
                                            "%!.17g",
                                            api::sqlite3_column_double(statement, column)));
    return text.data();
}

QueryValue value_at(api::sqlite3_stmt* statement, int column) {
    using Kind = QueryValue::Kind;
    const int type = api::sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL) {
        return {};
    }
    if (type == SQLITE_INTEGER) {
        return {Kind::integer, std::to_string(api::sqlite3_column_int64(statement, column))};
    }
    if (type == SQLITE_FLOAT) {
        return {Kind::real, real_text(statement, column)};
    }
    const auto* const bytes = static_cast<const char*>(api::sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(api::sqlite3_column_bytes(statement, column));
    return {type == SQLITE_TEXT ? Kind::text : Kind::blob,
            bytes == nullptr ? std::string() : std::string(bytes, size)};
}

}  // namespace

std::string told_end(QueryEnd end, const QueryLimits& limits) {
    const auto mebibytes = [](std::int64_t bytes) {
        return std::to_string(bytes / kMebibyte) + " MiB";
    };
    switch (end) {
        case QueryEnd::complete:
            return "";
        case QueryEnd::rows:
            return "expected no more than " + std::to_string(limits.rows_max) + " rows (--rows)";
        case QueryEnd::deadline:
            return "expected no more than " + format_seconds(limits.deadline) +
                   " seconds (--deadline)";
        case QueryEnd::stopped:
            return "a signal asked to stop";
        case QueryEnd::value_size:
            return "expected no value of more than " + mebibytes(kQueryValueBytesMax);
        case QueryEnd::result_size:
            return "expected no result of more than " + mebibytes(kQueryResultBytesMax);
        case QueryEnd::memory:
            return "expected no more than " + mebibytes(kQueryMemoryBytesMax) + " of memory";
    }
    DCM_CHECK(false);
    return "";
}

class AuditQuery::State {
public:
    explicit State(const DatabaseUrl& url)
        : database_(open_bounded(url)),
          snapshot_(database_),
          connection_(connection_of(database_.session())) {
        guarded(kQuerying, [this] {
            const auto objects = select_objects(database_.session());
            strange_ = strange_objects_in(database_.session(), objects);
            migrations::run_script(database_.session(), kTrustSchema, kQuerying);
            guard_.emplace(connection_, readable_in(objects, strange_));
        });
    }

    [[nodiscard]] const std::vector<std::string>& strange() const { return strange_; }
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

    void prepare(std::string_view sql, const Parameters& parameters, const QueryLimits& limits) {
        limits_ = limits;
        guard_->set_end(
            std::chrono::steady_clock::now() + std::chrono::microseconds(limits.deadline.micros),
            limits.stop);
        if (sql.find('\0') != std::string_view::npos) {
            refuse_query("expected SQL text, got a NUL in it");
        }
        Compiled first = compile(sql);
        statement_ = std::move(first.statement);
        if (statement_ == nullptr) {
            refuse_query("expected one SELECT, got nothing to run");
        }
        const Compiled second = compile(first.rest);
        if (second.statement != nullptr || !second.rest.empty()) {
            refuse_query("expected one statement, got more behind it");
        }
        const int count = api::sqlite3_column_count(statement_.get());
        if (count == 0 || api::sqlite3_stmt_readonly(statement_.get()) == 0) {
            refuse_query("refused: expected a SELECT, which reads and nothing else");
        }
        columns_.clear();
        for (int column = 0; column < count; ++column) {
            columns_.emplace_back(api::sqlite3_column_name(statement_.get(), column));
        }
        parameters_ = parameters;
        bind();
    }

    [[nodiscard]] QueryEnd run(const Visitor& visit) {
        std::int64_t rows = 0;
        std::int64_t bytes = 0;
        while (true) {
            const int result = api::sqlite3_step(statement_.get());
            if (result == SQLITE_DONE) {
                return QueryEnd::complete;
            }
            if (result != SQLITE_ROW) {
                return end_of(result);
            }
            if (rows == limits_.rows_max) {
                return QueryEnd::rows;
            }
            std::vector<QueryValue> row = read_row();
            for (const QueryValue& value : row) {
                bytes += static_cast<std::int64_t>(value.text.size());
            }
            if (bytes > kQueryResultBytesMax) {
                return QueryEnd::result_size;
            }
            visit(std::move(row));
            ++rows;
        }
    }

private:
    struct Compiled {
        StatementHandle statement;  // none when there are only spaces and comments
        std::string_view rest;
    };
    // The first statement of the text.
    Compiled compile(std::string_view sql) {
        if (std::cmp_greater(sql.size(), kQueryTextBytesMax)) {
            refuse_query("expected at most " + std::to_string(kQueryTextBytesMax) +
                         " bytes of SQL, got " + std::to_string(sql.size()));
        }
        api::sqlite3_stmt* compiled = nullptr;
        const char* tail = nullptr;
        const int result = api::sqlite3_prepare_v3(connection_,
                                                   sql.data(),
                                                   static_cast<int>(sql.size()),
                                                   /*prepFlags=*/0,
                                                   &compiled,
                                                   &tail);
        StatementHandle statement(compiled);
        if (result != SQLITE_OK) {
            fail(result);
        }
        const auto used = static_cast<std::size_t>(tail == nullptr ? 0 : tail - sql.data());
        return {std::move(statement), sql.substr(tail == nullptr ? sql.size() : used)};
    }

    // What the authorizer refused, or what is wrong with the statement, is the asker's; the rest is
    // the environment's.
    [[noreturn]] void fail(int result) {
        const std::string refused = guard_->take_refusal();
        const std::string told = api::sqlite3_errmsg(connection_);
        if (!refused.empty()) {
            refuse_query("refused: " + refused + "; a query reads the log and nothing else");
        }
        if (result == SQLITE_ERROR || result == SQLITE_AUTH || result == SQLITE_TOOBIG ||
            result == SQLITE_MISMATCH) {
            refuse_query(told);
        }
        throw Failure(ErrorKind::environment, "database: " + std::string(kQuerying) + ": " + told);
    }

    [[nodiscard]] QueryEnd end_of(int result) {
        if (result == SQLITE_INTERRUPT) {
            const bool is_stopped = limits_.stop != nullptr && limits_.stop->load();
            return is_stopped ? QueryEnd::stopped : QueryEnd::deadline;
        }
        if (result == SQLITE_NOMEM) {
            return QueryEnd::memory;
        }
        if (result == SQLITE_TOOBIG) {
            return QueryEnd::value_size;
        }
        fail(result);
    }

    std::vector<QueryValue> read_row() {
        std::vector<QueryValue> row;
        row.reserve(columns_.size());
        for (std::size_t column = 0; column < columns_.size(); ++column) {
            row.push_back(value_at(statement_.get(), static_cast<int>(column)));
        }
        return row;
    }

    void bind() {
        std::vector<std::string> wanted;
        const int count = api::sqlite3_bind_parameter_count(statement_.get());
        for (int place = 1; place <= count; ++place) {
            const char* const name = api::sqlite3_bind_parameter_name(statement_.get(), place);
            if (name == nullptr || *name != ':') {
                refuse_query("expected parameters written :name, got " +
                             std::string(name == nullptr ? "?" : name));
            }
            wanted.emplace_back(name + 1);
            const auto given = parameters_.find(wanted.back());
            if (given == parameters_.end()) {
                refuse_query("expected --param " + wanted.back() + "=VALUE, as the statement has " +
                             name);
            }
            static_cast<void>(api::sqlite3_bind_text64(statement_.get(),
                                                       place,
                                                       given->second.data(),
                                                       given->second.size(),
                                                       kNotCopied,
                                                       SQLITE_UTF8));
        }
        for (const auto& [name, value] : parameters_) {
            if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
                const std::string nearest = nearest_word(name, wanted);
                refuse_query("the statement has no parameter :" + name +
                             (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
            }
        }
    }

    Database database_;
    LogReader snapshot_;
    api::sqlite3* connection_;
    std::vector<std::string> strange_;
    std::optional<QueryGuard> guard_;
    Parameters parameters_;  // as long as the statement they are bound to
    StatementHandle statement_;
    std::vector<std::string> columns_;
    QueryLimits limits_;
};

AuditQuery::AuditQuery(const DatabaseUrl& url) : state_(std::make_unique<State>(url)) {}
AuditQuery::~AuditQuery() = default;

const std::vector<std::string>& AuditQuery::strange_objects() const {
    return state_->strange();
}

void AuditQuery::prepare(std::string_view sql,
                         const Parameters& parameters,
                         const QueryLimits& limits) {
    state_->prepare(sql, parameters, limits);
}

const std::vector<std::string>& AuditQuery::columns() const {
    return state_->columns();
}

QueryEnd AuditQuery::run(const Visitor& visit) {
    return state_->run(visit);
}

}  // namespace dcm::store
