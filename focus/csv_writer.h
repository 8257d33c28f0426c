#pragma once

#include "base/instant.h"

#include <string>
#include <string_view>

namespace dcm::focus {

// Appends the cells of CSV records (RFC 4180) to a text. A cell that has no value stays empty
// without quotes, which loaders read as NULL.
class CsvWriter {
public:
    explicit CsvWriter(std::string& out) : out_(out) {}

    void null() { separate(); }
    // A text as it is. Empty is no value.
    void text(std::string_view value);
    // A text of ours or of outsiders in a column of ours: what a spreadsheet would take for a
    // formula gets an apostrophe in front.
    void safe_text(std::string_view value);
    // What never needs quotes: numbers and our own words.
    void plain(std::string_view value);
    // In UTC and whole seconds, a fraction dropped toward the past.
    void time(Instant at);
    void end_row();

private:
    void separate();

    std::string& out_;
    bool in_row_ = false;
    // The latest times that were written: bounds repeat from row to row.
    struct WrittenTime {
        Instant at;
        std::string text;
    };
    WrittenTime even_;
    WrittenTime odd_;
    bool next_is_odd_ = false;
};

}  // namespace dcm::focus
