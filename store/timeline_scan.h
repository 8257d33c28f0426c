#pragma once

#include "billing/intervals.h"
#include "store/row_statement.h"
#include "store/timeline_rows.h"

namespace dcm::store {

// Every stored instance with its intervals, as they lie: both tables are read once from end to end.
class TimelineScan {
public:
    explicit TimelineScan(soci::session& session);

    // Turns to the next instance; false after the last.
    [[nodiscard]] bool next();

    [[nodiscard]] const StoredInstance& instance() const { return instance_; }
    [[nodiscard]] const billing::Timeline& timeline() const { return timeline_; }

private:
    void next_interval();

    RowStatement instances_;
    RowStatement intervals_;
    bool is_at_interval_ = false;
    StoredInstance instance_;
    billing::Timeline timeline_;
};

}  // namespace dcm::store
