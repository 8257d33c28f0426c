#pragma once

#include "audit/hash.h"
#include "audit/log_keys.h"
#include "audit/record.h"
#include "audit/seal.h"
#include "audit/tree.h"
#include "migrations/schema_comparison.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// What a Failure says was being done.
inline constexpr std::string_view kReadingLog = "read the log";

struct LogHead {
    std::int64_t size = 0;
    std::string frontier;  // as stored: audit::Frontier::restore checks it
    std::string edge;      // leaf hashes of the tile that is not full yet
};

// What lies beside a record; absent parts were erased.
struct StoredPayload {
    std::int64_t seq = 0;
    std::optional<std::string> salt;
    std::optional<std::string> payload;
    std::optional<std::string> subject;
    std::optional<std::string> headers;  // JSON text
};

struct SeqCount {
    std::int64_t count = 0;
    std::int64_t first = 0;  // the smallest seq of any row; 0 when there is none
};

struct StoredCheckpoint {
    std::int64_t size = 0;
    std::string note;
};

// Reads the log in one snapshot: from construction to destruction it sees one state of the database
// while a writer goes on. One at a time per Database.
class LogReader {
public:
    explicit LogReader(Database& database);
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;
    ~LogReader();

    // 16 hex digits, made when the database was.
    [[nodiscard]] std::string log_id() const;
    [[nodiscard]] LogHead head() const;
    // What was sealed last; nullopt when its row is missing.
    [[nodiscard]] std::optional<audit::Seal> seal() const;
    // The records by which the log changed its key, by seq; as stored, whatever is in them.
    [[nodiscard]] std::vector<audit::Record> key_changes() const;
    // Rows in [from, to) by seq, exactly as stored, each with its payload row when there is one. A
    // column that may not be NULL and is reads as empty: only a changed schema lets that happen.
    using RowVisitor =
        std::function<void(const audit::Record&, const std::optional<StoredPayload>&)>;
    void each_record(std::int64_t from, std::int64_t to, const RowVisitor& visit) const;
    // Like each_record without reading payloads.
    void each_leaf(std::int64_t from,
                   std::int64_t to,
                   const std::function<void(const audit::Record&)>& visit) const;
    [[nodiscard]] std::int64_t row_count() const;
    // Of the rows before a seq; walks through them without reading what is in them.
    [[nodiscard]] SeqCount count_before(std::int64_t seq) const;
    void each_tile(const std::function<void(const audit::Tile&)>& visit) const;
    // The hashes of one full tile; nullopt when it is not there.
    [[nodiscard]] std::optional<std::string> tile(const audit::TileId& id) const;
    [[nodiscard]] std::int64_t tile_count() const;
    [[nodiscard]] std::vector<StoredCheckpoint> checkpoints() const;
    [[nodiscard]] std::optional<StoredCheckpoint> newest_checkpoint() const;

    // What somebody changed in the schema.
    [[nodiscard]] std::vector<migrations::SchemaDifference> schema_differences() const;

    [[nodiscard]] Database& database() const { return database_; }

private:
    Database& database_;
};

// Keeps a signed note. Its own short transaction; the same size twice is the same as once.
void store_checkpoint(Database& database, const StoredCheckpoint& checkpoint);

}  // namespace dcm::store
