#pragma once

#include "migrations/session.h"

#include <soci/soci.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::store {

// A text or number that may be NULL, in the shape SOCI binds and fetches. Its buffer is kept.
template <typename T>
struct Nullable {
    T value{};
    soci::indicator state = soci::i_null;

    void set(const std::optional<T>& from) {
        state = from ? soci::i_ok : soci::i_null;
        if (from) {
            value = *from;
        }
    }
    [[nodiscard]] std::optional<T> get() const {
        return state == soci::i_ok ? std::optional<T>(value) : std::nullopt;
    }
};

// Runs a prepared statement that gives at most one row, to its end: a statement left on its row
// would keep the snapshot of that moment. True when there was a row; the bound variables hold it.
inline bool fetch_one(soci::statement& statement) {
    const bool found = statement.execute(/*withDataExchange=*/true);
    if (found) {
        static_cast<void>(statement.fetch());
    }
    return found;
}

// What a statement counts.
[[nodiscard]] inline std::int64_t count_rows(soci::session& session, const char* sql) {
    std::int64_t found = 0;
    session << sql, soci::into(found);
    return found;
}

// Calls `act`; a SOCI error leaves as a Failure that names what was being done.
template <typename Act>
auto guarded(std::string_view doing, const Act& act) {
    try {
        return act();
    } catch (const soci::soci_error& error) {
        throw migrations::to_failure(error, doing);
    }
}

}  // namespace dcm::store
