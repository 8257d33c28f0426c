#include "store/log_writer.h"

#include "audit/seal.h"
#include "store/log_head.h"
#include "store/log_row.h"
#include "store/log_seal.h"

#include <utility>

namespace dcm::store {
namespace {

// OR FAIL: like its trigger (migration 0008), nothing in it asks SQLite for a copy of each page.
constexpr const char* kInsertLog =
    "INSERT OR FAIL INTO audit_log (seq, recorded_at, kind, actor, subject, tenant, ce_source, "
    "ce_id,"
    " broker_pos, outcome, reason, body, payload_commit, payload_len) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertPayload =
    "INSERT INTO audit_payload (seq, salt, payload, subject, headers) "
    "VALUES (?, ?, ?, ?, ?)";
constexpr const char* kInsertTile =
    "INSERT INTO audit_tile (level, tile_index, hashes) "
    "VALUES (:level, :tile_index, CAST(:hashes AS BLOB))";
constexpr const char* kUpdateHead =
    "UPDATE audit_head SET size = :size, frontier = CAST(:frontier AS BLOB),"
    " edge = CAST(:edge AS BLOB) WHERE id = 1 AND size = :size_before";
constexpr const char* kSelectTilesFrom =
    "SELECT hashes FROM audit_tile WHERE level = :level AND tile_index >= :first ORDER BY "
    "tile_index";
constexpr const char* kSelectLastTime = "SELECT recorded_at FROM audit_log WHERE seq = :seq";

[[noreturn]] void refuse_to_write(const std::string& why) {
    throw Failure(ErrorKind::malformed,
                  "audit log: " + why + "; nothing was written, run `dcm-billing audit verify`");
}

// Hashes of the part of a level that fills no tile yet: leaves, or the roots of the tiles below.
std::vector<audit::Hash> pending_leaves(soci::session& session, std::int64_t size) {
    std::vector<audit::Hash> hashes;
    std::string leaf_data;
    const std::int64_t first = size - size % audit::kTileWidth;
    visit_log_rows(session, {first, size}, [&](const audit::Record& record) {
        audit::encode_leaf(record, leaf_data);
        hashes.push_back(audit::leaf_hash(leaf_data));
    });
    if (std::cmp_not_equal(hashes.size(), size - first)) {
        refuse_to_write("expected " + std::to_string(size) +
                        " records as its head says, but some are missing");
    }
    return hashes;
}

std::vector<audit::Hash> pending_tile_roots(soci::session& session, int level, std::int64_t tiles) {
    std::vector<audit::Hash> hashes;
    std::string tile;
    const std::int64_t first = tiles - tiles % audit::kTileWidth;
    soci::statement statement = (session.prepare << kSelectTilesFrom,
                                 soci::use(level, "level"),
                                 soci::use(first, "first"),
                                 soci::into(tile));
    statement.execute();
    while (statement.fetch()) {
        if (std::cmp_not_equal(tile.size(), audit::kTileWidth * sizeof(audit::Hash))) {
            refuse_to_write("a tile of level " + std::to_string(level) + " has a wrong length");
        }
        hashes.push_back(audit::tile_root(tile));
    }
    if (std::cmp_not_equal(hashes.size(), tiles - first)) {
        refuse_to_write("tiles of level " + std::to_string(level) + " are missing or too many");
    }
    return hashes;
}

// The hashes of the lowest level that fill no tile yet, one after the other.
std::string joined(const std::vector<std::vector<audit::Hash>>& pending) {
    std::string bytes;
    if (!pending.empty()) {
        for (const audit::Hash& hash : pending.front()) {
            bytes.append(hash.begin(), hash.end());
        }
    }
    return bytes;
}

}  // namespace

LogWriter::LogWriter(soci::session& session, const audit::SigningKey& key)
    : session_(session),
      key_(&key),
      insert_log_(session, kInsertLog),
      insert_payload_(session, kInsertPayload),
      select_size_(session, kSelectLogSize) {
    restore();
}

void LogWriter::restore() {
    std::string frontier;
    session_ << kSelectLogHead, soci::into(head_size_), soci::into(frontier);
    auto restored = audit::Frontier::restore(head_size_, frontier);
    if (!restored.ok()) {
        refuse_to_write(restored.error().message);
    }
    frontier_ = std::move(restored).value();
    const auto seal = read_seal(session_);
    const audit::SealState state = audit::judge_seal(seal, frontier_, key_->verifier());
    if (state != audit::SealState::fits) {
        refuse_to_write(audit::describe_seal(state, seal, head_size_));
    }
    std::vector<std::vector<audit::Hash>> pending{pending_leaves(session_, head_size_)};
    int level = 0;
    for (std::int64_t tiles = head_size_ / audit::kTileWidth; tiles > 0;
         tiles /= audit::kTileWidth) {
        pending.push_back(pending_tile_roots(session_, level, tiles));
        ++level;
    }
    tiles_ = audit::TileBuilder(head_size_, std::move(pending));
    if (head_size_ > 0) {
        const std::int64_t last = head_size_ - 1;
        session_ << kSelectLastTime, soci::use(last, "seq"), soci::into(last_recorded_at_);
    }
}

std::int64_t LogWriter::stored_size() {
    std::int64_t size = 0;
    while (select_size_.fetch()) {
        size = select_size_.number(0);
    }
    return size;
}

std::int64_t LogWriter::record_time(std::int64_t now) const {
    return size() == 0 ? now : std::max(now, last_recorded_at_);
}

void LogWriter::append(audit::Record& record) {
    record.seq = size();
    DCM_CHECK(record.recorded_at >= last_recorded_at_ || record.seq == 0);
    audit::encode_leaf(record, leaf_data_);
    DCM_CHECK(leaf_data_.size() <= audit::kLeafBytesMax);
    const audit::Hash leaf = audit::leaf_hash(leaf_data_);

    insert_log_.bind(record.seq)
        .bind(record.recorded_at)
        .bind(record.kind)
        .bind(record.actor)
        .bind(record.subject)
        .bind_or_null(record.tenant)
        .bind_or_null(record.ce_source)
        .bind_or_null(record.ce_id)
        .bind_or_null(record.broker_pos)
        .bind(record.outcome)
        .bind_or_null(record.reason)
        .bind_or_null(record.body)
        .bind_or_null(record.payload_commit)
        .bind_or_null(record.payload_len)
        .run();
    frontier_.append(leaf);
    tiles_.append(leaf, full_tiles_);
    last_recorded_at_ = record.recorded_at;
}

void LogWriter::append(audit::Record& record, const PayloadRow& beside, std::string_view payload) {
    append(record);
    insert_payload_.bind(record.seq)
        .bind_bytes(beside.salt)
        .bind_bytes(payload)
        .bind(beside.subject)
        .bind_or_null(beside.headers)
        .run();
}

void LogWriter::write_tiles() {
    audit::Tile tile;
    soci::statement insert = (session_.prepare << kInsertTile,
                              soci::use(tile.level, "level"),
                              soci::use(tile.index, "tile_index"),
                              soci::use(tile.hashes, "hashes"));
    for (audit::Tile& next : full_tiles_) {
        tile = std::move(next);
        insert.execute(/*withDataExchange=*/true);
    }
    full_tiles_.clear();
}

void LogWriter::write_head() {
    write_tiles();
    const std::int64_t size = frontier_.size();
    const std::string frontier = frontier_.hashes();
    const std::string edge = joined(tiles_.pending());
    soci::statement update = (session_.prepare << kUpdateHead,
                              soci::use(size, "size"),
                              soci::use(frontier, "frontier"),
                              soci::use(edge, "edge"),
                              soci::use(head_size_, "size_before"));
    update.execute(/*withDataExchange=*/true);
    if (update.get_affected_rows() != 1) {
        refuse_to_write("its head is not the one this process wrote");
    }
    if (size > head_size_) {
        write_seal(session_, audit::seal_records(head_size_, frontier_, *key_));
    }
    head_size_ = size;
}

}  // namespace dcm::store
