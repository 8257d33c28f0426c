#include "store/log_reader.h"

#include "migrations/session.h"
#include "store/log_row.h"
#include "store/log_seal.h"
#include "store/row_statement.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

// Where NULL was put into a column that may not be NULL, the value is none that a log can have.
constexpr const char* kSelectLogId = "SELECT coalesce(log_id, '') FROM log_identity WHERE id = 1";
constexpr const char* kSelectHeadAsStored =
    "SELECT coalesce(size, -1), coalesce(frontier, X''), coalesce(edge, X'') "
    "FROM audit_head WHERE id = 1";
// In the words of its index (migration 0014).
constexpr const char* kSelectKeyChanges =
    "SELECT seq FROM audit_log WHERE kind IN ('key.rotated', 'log.forked') ORDER BY seq";
constexpr const char* kCountRows = "SELECT count(*) FROM audit_log NOT INDEXED";
constexpr const char* kCountRowsBefore =
    "SELECT count(*), (SELECT min(seq) FROM audit_log NOT INDEXED) FROM audit_log NOT INDEXED "
    "WHERE seq < ?";
constexpr const char* kSelectTiles =
    "SELECT level, tile_index, coalesce(hashes, X'') FROM audit_tile ORDER BY level, tile_index";
constexpr const char* kSelectTile =
    "SELECT coalesce(hashes, X'') FROM audit_tile WHERE level = :level AND tile_index = "
    ":tile_index";
constexpr const char* kCountTiles = "SELECT count(*) FROM audit_tile";
constexpr const char* kSelectCheckpoints =
    "SELECT size, coalesce(note, '') FROM audit_checkpoint NOT INDEXED ORDER BY size";
constexpr const char* kSelectNewestCheckpoint =
    "SELECT size, coalesce(note, '') FROM audit_checkpoint NOT INDEXED ORDER BY size DESC LIMIT 1";
constexpr const char* kInsertCheckpoint =
    "INSERT INTO audit_checkpoint (size, note) VALUES (:size, :note) ON CONFLICT (size) DO NOTHING";

std::vector<StoredCheckpoint> select_checkpoints(soci::session& session, const char* sql) {
    std::vector<StoredCheckpoint> checkpoints;
    StoredCheckpoint row;
    soci::statement statement =
        (session.prepare << sql, soci::into(row.size), soci::into(row.note));
    statement.execute();
    while (statement.fetch()) {
        checkpoints.push_back(row);
    }
    return checkpoints;
}

StoredPayload copy_of(std::int64_t seq, const BesideRow& beside) {
    return {seq,
            std::optional<std::string>(beside.salt),
            std::optional<std::string>(beside.payload),
            std::optional<std::string>(beside.subject),
            std::optional<std::string>(beside.headers)};
}

}  // namespace

LogReader::LogReader(Database& database) : database_(database) {
    migrations::run_script(database_.session(), "BEGIN", kReadingLog);
    // BEGIN alone takes no snapshot; the first read does.
    migrations::run_script(database_.session(), "SELECT 1 FROM sqlite_schema LIMIT 1", kReadingLog);
}

LogReader::~LogReader() {
    try {
        migrations::run_script(database_.session(), "ROLLBACK", kReadingLog);
    } catch (const Failure&) {
        // After an I/O error SQLite has ended the snapshot by itself: there is nothing to give
        // back.
        return;
    }
}

std::string LogReader::log_id() const {
    return guarded(kReadingLog, [this] {
        std::string log_id;
        database_.session() << kSelectLogId, soci::into(log_id);
        return log_id;
    });
}

LogHead LogReader::head() const {
    return guarded(kReadingLog, [this] {
        LogHead head;
        database_.session() << kSelectHeadAsStored, soci::into(head.size),
            soci::into(head.frontier), soci::into(head.edge);
        return head;
    });
}

std::vector<audit::Record> LogReader::key_changes() const {
    return guarded(kReadingLog, [this] {
        const soci::rowset<std::int64_t> rows = (database_.session().prepare << kSelectKeyChanges);
        const std::vector<std::int64_t> seqs(rows.begin(), rows.end());
        std::vector<audit::Record> changes;
        for (const std::int64_t seq : seqs) {
            visit_log_rows(database_.session(),
                           {seq, seq + 1},
                           [&changes](const audit::Record& row) { changes.push_back(row); });
        }
        return changes;
    });
}

std::optional<audit::Seal> LogReader::seal() const {
    return guarded(kReadingLog, [this] { return read_seal(database_.session()); });
}

void LogReader::each_record(std::int64_t from, std::int64_t to, const RowVisitor& visit) const {
    const RowAndPayloadVisitor rows{[&visit](const RowAndPayload& row) {
        visit(row.record,
              row.beside ? std::optional(copy_of(row.record.seq, *row.beside)) : std::nullopt);
    }};
    guarded(kReadingLog, [&] {
        visit_log_rows_and_payloads(database_.session(), SeqRange{from, to}, rows);
    });
}

void LogReader::each_leaf(std::int64_t from,
                          std::int64_t to,
                          const std::function<void(const audit::Record&)>& visit) const {
    guarded(kReadingLog, [&] { visit_log_rows(database_.session(), SeqRange{from, to}, visit); });
}

std::int64_t LogReader::row_count() const {
    return guarded(kReadingLog, [this] { return count_rows(database_.session(), kCountRows); });
}

SeqCount LogReader::count_before(std::int64_t seq) const {
    return guarded(kReadingLog, [&] {
        SeqCount rows;
        RowStatement counted(database_.session(), kCountRowsBefore);
        if (counted.bind(seq).fetch()) {
            rows = {counted.number(0), counted.number(1)};
        }
        return rows;
    });
}

void LogReader::each_tile(const std::function<void(const audit::Tile&)>& visit) const {
    guarded(kReadingLog, [&] {
        audit::Tile tile;
        soci::statement statement = (database_.session().prepare << kSelectTiles,
                                     soci::into(tile.level),
                                     soci::into(tile.index),
                                     soci::into(tile.hashes));
        statement.execute();
        while (statement.fetch()) {
            visit(tile);
        }
    });
}

std::optional<std::string> LogReader::tile(const audit::TileId& id) const {
    return guarded(kReadingLog, [&]() -> std::optional<std::string> {
        std::string hashes;
        soci::statement statement = (database_.session().prepare << kSelectTile,
                                     soci::use(id.level, "level"),
                                     soci::use(id.index, "tile_index"),
                                     soci::into(hashes));
        return fetch_one(statement) ? std::optional(hashes) : std::nullopt;
    });
}

std::int64_t LogReader::tile_count() const {
    return guarded(kReadingLog, [this] { return count_rows(database_.session(), kCountTiles); });
}

std::vector<StoredCheckpoint> LogReader::checkpoints() const {
    return guarded(kReadingLog,
                   [this] { return select_checkpoints(database_.session(), kSelectCheckpoints); });
}

std::optional<StoredCheckpoint> LogReader::newest_checkpoint() const {
    return guarded(kReadingLog, [this]() -> std::optional<StoredCheckpoint> {
        auto found = select_checkpoints(database_.session(), kSelectNewestCheckpoint);
        return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
    });
}

std::vector<migrations::SchemaDifference> LogReader::schema_differences() const {
    return migrations::schema_differences(database_.session());
}

void store_checkpoint(Database& database, const StoredCheckpoint& checkpoint) {
    guarded("store a checkpoint", [&] {
        migrations::WriteTransaction transaction(database.session(), "store a checkpoint");
        database.session() << kInsertCheckpoint, soci::use(checkpoint.size, "size"),
            soci::use(checkpoint.note, "note");
        transaction.commit();
    });
}

}  // namespace dcm::store
