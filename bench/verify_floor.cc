// The floor of the verify benchmark: reads every row of the log, and with `beside` what lies beside
// it, in the order of seq, and hashes its bytes. No encoding, no tree, no comparison. SHA-256 is
// that of the product, and one thread does it all. Prints how many rows there were.

#include "audit/hash.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

constexpr const char* kRecords =
    "SELECT seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome,"
    " reason, body, payload_commit, payload_len FROM audit_log ORDER BY seq";
constexpr const char* kBeside = "SELECT salt, payload, headers FROM audit_payload ORDER BY seq";

[[noreturn]] void fail(sqlite3* database) {
    static_cast<void>(std::fprintf(stderr, "bench_verify_floor: %s\n", sqlite3_errmsg(database)));
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): there is one thread.
}

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Database open(const char* path) {
    sqlite3* database = nullptr;
    const int result =
        sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    Database opened(database);
    if (result != SQLITE_OK) {
        fail(database);
    }
    return opened;
}

long hash_rows(sqlite3* database, const char* sql) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr) != SQLITE_OK) {
        fail(database);
    }
    const Statement statement(prepared);
    const int columns = sqlite3_column_count(prepared);
    long rows = 0;
    unsigned mixed = 0;  // so that no hash is left out
    std::string bytes;
    int step = sqlite3_step(prepared);
    for (; step == SQLITE_ROW; step = sqlite3_step(prepared)) {
        bytes.clear();
        for (int column = 0; column < columns; ++column) {
            const void* const value = sqlite3_column_blob(prepared, column);
            bytes.append(static_cast<const char*>(value),
                         static_cast<std::size_t>(sqlite3_column_bytes(prepared, column)));
        }
        mixed += dcm::audit::sha256(bytes)[0];
        ++rows;
    }
    if (step != SQLITE_DONE) {
        fail(database);
    }
    static_cast<void>(std::fprintf(stderr, "%u\n", mixed));
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    const bool with_beside = argc == 3 && std::string_view(argv[2]) == "beside";
    if (argc != 2 && !with_beside) {
        static_cast<void>(std::fprintf(stderr, "usage: bench_verify_floor DATABASE [beside]\n"));
        return 2;
    }
    const Database database = open(argv[1]);
    const long rows = hash_rows(database.get(), kRecords);
    if (with_beside) {
        static_cast<void>(hash_rows(database.get(), kBeside));
    }
    static_cast<void>(std::printf("%ld\n", rows));
    return 0;
}
