#pragma once

#include "audit/note.h"
#include "audit/record.h"
#include "audit/tree.h"
#include "store/event_record.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// Appends records to the log with what lies beside them, full tiles, the head and its seal. Lives
// within one write transaction, or over several as long as nobody else appends in between and none
// fails: its tree is in memory and follows the rows it wrote.
class LogWriter {
public:
    // Takes up the tree where the database stands. Throws Failure (malformed) when head, tiles and
    // rows do not fit each other, or who appended last did not have the key. The key is named by
    // the log and outlives this.
    LogWriter(soci::session& session, const audit::SigningKey& key);
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter() = default;

    // What is stored now; differs from size() after another process appended.
    [[nodiscard]] std::int64_t stored_size();
    [[nodiscard]] std::int64_t size() const { return frontier_.size(); }
    // The time the next record gets: never before the last one's.
    [[nodiscard]] std::int64_t record_time(std::int64_t now) const;

    // Gives the record its seq and writes it.
    void append(audit::Record& record);
    // The same for the record of a message, with what lies beside it.
    void append(audit::Record& record, const PayloadRow& beside, std::string_view payload);
    // From here on the seal is set by another key, as the record appended last tells.
    void hand_over(const audit::SigningKey& next) { key_ = &next; }
    // Writes the head and seals it, once per transaction, after its last append.
    void write_head();

private:
    void restore();
    void write_tiles();

    soci::session& session_;
    const audit::SigningKey* key_;
    audit::Frontier frontier_;
    audit::TileBuilder tiles_;
    std::vector<audit::Tile> full_tiles_;
    std::int64_t last_recorded_at_ = 0;
    std::int64_t head_size_ = 0;  // as stored
    std::string leaf_data_;

    RowStatement insert_log_;
    RowStatement insert_payload_;
    RowStatement select_size_;
};

}  // namespace dcm::store
