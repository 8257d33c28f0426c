#pragma once

#include "audit/record.h"
#include "audit/tree.h"
#include "store/event_record.h"
#include "store/statement.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dcm::store {

// Appends records to the log with what lies beside them, full tiles and the head. Lives within one
// write transaction, or over several as long as nobody else appends in between and none fails: its
// tree is in memory and follows the rows it wrote.
class LogWriter {
public:
    // Takes up the tree where the database stands. Throws Failure (malformed) when head, tiles and
    // rows do not fit each other.
    explicit LogWriter(soci::session& session);
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter() = default;

    // What is stored now; differs from size() after another process appended.
    [[nodiscard]] std::int64_t stored_size();
    [[nodiscard]] std::int64_t size() const { return frontier_.size(); }
    // The time the next record gets: never before the last one's.
    [[nodiscard]] std::int64_t record_time(std::int64_t now) const;

    // Gives the record its seq and writes it; `beside` may be null.
    void append(audit::Record& record, const PayloadRow* beside);
    // Writes the head, once per transaction, after its last append.
    void write_head();

private:
    struct LogRow {
        std::int64_t seq = 0;
        std::int64_t recorded_at = 0;
        Nullable<std::string> tenant;
        Nullable<std::string> ce_source;
        Nullable<std::string> ce_id;
        Nullable<std::string> broker_pos;
        Nullable<std::string> reason;
        Nullable<std::string> body;
        Nullable<std::string> payload_commit;
        Nullable<std::int64_t> payload_len;
        std::string kind;
        std::string actor;
        std::string subject;
        std::string outcome;
    };
    struct BesideRow {
        std::int64_t seq = 0;
        std::string salt;
        std::string payload;
        std::string subject;
        Nullable<std::string> headers;
    };

    void restore();
    void write_tiles();

    soci::session& session_;
    audit::Frontier frontier_;
    audit::TileBuilder tiles_;
    std::vector<audit::Tile> full_tiles_;
    std::int64_t last_recorded_at_ = 0;
    std::int64_t head_size_ = 0;  // as stored
    std::string leaf_data_;

    LogRow log_row_;
    BesideRow beside_row_;
    std::int64_t size_found_ = 0;
    soci::statement insert_log_;
    soci::statement insert_beside_;
    soci::statement select_size_;
};

}  // namespace dcm::store
