#pragma once

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

namespace sqlite_api {
struct sqlite3;
}  // namespace sqlite_api

namespace dcm::store {

// What keeps a connection to reading within limits: SQLite's authorizer, its limits and its
// progress handler. Lives as long as statements run on the connection, and releases it at the end.
class QueryGuard {
public:
    using Names = std::set<std::string, std::less<>>;
    // `readable` are the tables and views whose columns may be read, the built-in ones included.
    QueryGuard(sqlite_api::sqlite3* connection, Names readable);
    QueryGuard(const QueryGuard&) = delete;
    QueryGuard& operator=(const QueryGuard&) = delete;
    ~QueryGuard();

    // Statements are interrupted after this, or once `stop` is set, when there is one.
    void set_end(std::chrono::steady_clock::time_point deadline, const std::atomic<bool>* stop) {
        deadline_ = deadline;
        stop_ = stop;
    }
    // What was refused first since the last call, in words; empty when nothing was.
    [[nodiscard]] std::string take_refusal();

private:
    static int authorize(void* guard,
                         int action,
                         const char* first,
                         const char* second,
                         const char* database,
                         const char* inside);
    static int interrupt(void* guard);

    [[nodiscard]] std::string refusal(int action,
                                      std::string_view first,
                                      std::string_view second) const;

    sqlite_api::sqlite3* connection_;
    Names readable_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    const std::atomic<bool>* stop_ = nullptr;
    std::string refused_;
};

}  // namespace dcm::store
