#include "store/query_guard.h"

#include "store/audit_query.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::store {
namespace {

namespace api = sqlite_api;

// Often enough to hear the deadline, seldom enough to cost nothing.
constexpr int kStepsBetweenLooks = 1'000;

// Sorted. None reads or writes a file, loads code, or knows the connection.
constexpr std::array<std::string_view, 70> kFunctions{"->",
                                                      "->>",
                                                      "abs",
                                                      "avg",
                                                      "char",
                                                      "coalesce",
                                                      "count",
                                                      "cume_dist",
                                                      "current_date",
                                                      "current_time",
                                                      "current_timestamp",
                                                      "date",
                                                      "datetime",
                                                      "dense_rank",
                                                      "first_value",
                                                      "format",
                                                      "glob",
                                                      "group_concat",
                                                      "hex",
                                                      "ifnull",
                                                      "iif",
                                                      "instr",
                                                      "json",
                                                      "json_array",
                                                      "json_array_length",
                                                      "json_extract",
                                                      "json_group_array",
                                                      "json_group_object",
                                                      "json_object",
                                                      "json_quote",
                                                      "json_type",
                                                      "json_valid",
                                                      "julianday",
                                                      "lag",
                                                      "last_value",
                                                      "lead",
                                                      "length",
                                                      "like",
                                                      "likelihood",
                                                      "likely",
                                                      "lower",
                                                      "ltrim",
                                                      "max",
                                                      "min",
                                                      "nth_value",
                                                      "ntile",
                                                      "nullif",
                                                      "percent_rank",
                                                      "printf",
                                                      "quote",
                                                      "rank",
                                                      "replace",
                                                      "round",
                                                      "row_number",
                                                      "rtrim",
                                                      "sign",
                                                      "sqlite_version",
                                                      "strftime",
                                                      "substr",
                                                      "substring",
                                                      "sum",
                                                      "time",
                                                      "total",
                                                      "trim",
                                                      "typeof",
                                                      "unicode",
                                                      "unixepoch",
                                                      "unlikely",
                                                      "upper",
                                                      "zeroblob"};

struct Limit {
    int id = 0;
    int value = 0;
};
// One above each is refused by SQLite itself.
constexpr std::array kLimits{
    Limit{SQLITE_LIMIT_LENGTH, static_cast<int>(kQueryValueBytesMax)},
    Limit{SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(kQueryTextBytesMax)},
    Limit{SQLITE_LIMIT_COLUMN, 200},
    Limit{SQLITE_LIMIT_EXPR_DEPTH, 200},
    Limit{SQLITE_LIMIT_COMPOUND_SELECT, 50},
    Limit{SQLITE_LIMIT_FUNCTION_ARG, 50},
    Limit{SQLITE_LIMIT_ATTACHED, 0},
    Limit{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
    Limit{SQLITE_LIMIT_VARIABLE_NUMBER, 100},
    Limit{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    Limit{SQLITE_LIMIT_WORKER_THREADS, 0},
};

std::string_view view_of(const char* text) {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

bool is_allowed_function(std::string_view name) {
    return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

}  // namespace

QueryGuard::QueryGuard(api::sqlite3* connection, Names readable)
    : connection_(connection), readable_(std::move(readable)) {
    for (const Limit& limit : kLimits) {
        static_cast<void>(api::sqlite3_limit(connection_, limit.id, limit.value));
    }
    static_cast<void>(api::sqlite3_set_authorizer(connection_, &QueryGuard::authorize, this));
    api::sqlite3_progress_handler(connection_, kStepsBetweenLooks, &QueryGuard::interrupt, this);
}

QueryGuard::~QueryGuard() {
    static_cast<void>(api::sqlite3_set_authorizer(connection_, nullptr, nullptr));
    api::sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
}

std::string QueryGuard::take_refusal() {
    return std::exchange(refused_, {});
}

// SQLite gives so many. NOLINTNEXTLINE(readability-function-size)
int QueryGuard::authorize(void* guard,
                          int action,
                          const char* first,
                          const char* second,
                          const char* /*database*/,
                          const char* /*inside*/) {
    auto& self = *static_cast<QueryGuard*>(guard);
    std::string why = self.refusal(action, view_of(first), view_of(second));
    if (why.empty()) {
        return SQLITE_OK;
    }
    if (self.refused_.empty()) {
        self.refused_ = std::move(why);
    }
    return SQLITE_DENY;
}

int QueryGuard::interrupt(void* guard) {
    const auto& self = *static_cast<const QueryGuard*>(guard);
    const bool is_stopped = self.stop_ != nullptr && self.stop_->load();
    return is_stopped || std::chrono::steady_clock::now() > self.deadline_ ? 1 : 0;
}

// Empty for what may be. Whatever is not named here is refused, too.
std::string QueryGuard::refusal(int action, std::string_view first, std::string_view second) const {
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
            return "";
        case SQLITE_READ:
            // Without a column, as for count(*), it is a name as the statement spells it, also one
            // that WITH gave: nothing of it is read but how many rows there are.
            return second.empty() || readable_.contains(first) ? "" : "table " + std::string(first);
        case SQLITE_FUNCTION:
            return is_allowed_function(second) ? "" : "function " + std::string(second);
        case SQLITE_PRAGMA:
            return "PRAGMA " + std::string(first);
        case SQLITE_ATTACH:
            return "ATTACH";
        case SQLITE_DETACH:
            return "DETACH";
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE:
            // So a function that answers as a table is made known, too.
            return first.starts_with("sqlite_")
                       ? std::string("a change of the schema, or a table that SQLite makes up")
                       : "a change of table " + std::string(first);
        case SQLITE_TRANSACTION:
        case SQLITE_SAVEPOINT:
            return "a transaction";
        default:
            return "a statement of this kind";
    }
}

}  // namespace dcm::store
