#pragma once

#include "base/instant.h"
#include "store/database.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// What one question may take. Beyond, it is cut and says so.
struct QueryLimits {
    std::int64_t rows_max = 10'000;
    Duration deadline{10 * kMicrosPerSecond};
    const std::atomic<bool>* stop = nullptr;  // once set, the answer is cut, too
};
// No option: a value, all values together, the memory for it, the statement's own text.
inline constexpr std::int64_t kQueryValueBytesMax = std::int64_t{16} << 20U;
inline constexpr std::int64_t kQueryResultBytesMax = std::int64_t{64} << 20U;
inline constexpr std::int64_t kQueryMemoryBytesMax = std::int64_t{512} << 20U;
inline constexpr std::int64_t kQueryTextBytesMax = 100'000;

struct QueryValue {
    enum class Kind { null, integer, real, text, blob };
    Kind kind = Kind::null;
    std::string text;  // numbers in decimal, a real with 17 digits; text and blob as they are
};

enum class QueryEnd { complete, rows, deadline, stopped, value_size, result_size, memory };
// What cut the answer, for a message; empty for complete.
[[nodiscard]] std::string told_end(QueryEnd end, const QueryLimits& limits);

// One statement of somebody else's on one snapshot of the log, which it can read and nothing more:
// SQLite's authorizer lets through SELECT over the tables and views of this database and a list of
// functions; no PRAGMA, ATTACH, transaction, temporary object, extension or file function. The
// session is read-only, query_only and defensive; its schema is trusted once it is compared.
class AuditQuery {
public:
    // Throws Failure like Database::open_for_reading, and malformed where somebody changed a view
    // or table, or added a view, a trigger, a virtual table or an index that computes something:
    // what they answer is not what the log says.
    explicit AuditQuery(const DatabaseUrl& url);
    AuditQuery(const AuditQuery&) = delete;
    AuditQuery& operator=(const AuditQuery&) = delete;
    ~AuditQuery();

    // Tables and indexes that are not ours, to be told. Such a table cannot be read.
    [[nodiscard]] const std::vector<std::string>& strange_objects() const;

    // Values of the `:name` parameters; they are bound as text.
    using Parameters = std::map<std::string, std::string>;
    // Throws Failure (usage) with the reason for a statement that is refused, has an error, or
    // wants other parameters. `deadline` counts from here.
    void prepare(std::string_view sql, const Parameters& parameters, const QueryLimits& limits);
    [[nodiscard]] const std::vector<std::string>& columns() const;
    // Each row as it is found, up to the limits.
    using Visitor = std::function<void(std::vector<QueryValue>&&)>;
    [[nodiscard]] QueryEnd run(const Visitor& visit);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace dcm::store
