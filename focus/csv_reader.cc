#include "focus/csv_reader.h"

#include "focus/csv_marks.h"

#include <algorithm>

namespace dcm::focus {

void CsvReader::read(std::string_view bytes) {
    while (!bytes.empty() && fault_.empty()) {
        const bool begins_plain = state_ == State::cell_start && !is_csv_mark(bytes.front());
        if (state_ == State::plain || begins_plain) {
            state_ = State::plain;
            bytes = read_plain(bytes);
        } else if (state_ == State::quoted) {
            bytes = read_quoted(bytes);
        } else {
            read_mark(bytes.front());
            bytes.remove_prefix(1);
        }
        if (text_.size() > kRecordBytesMax || extents_.size() > kCellsMax) {
            fail("at most " + std::to_string(kCellsMax) + " cells in " +
                 std::to_string(kRecordBytesMax) + " bytes");
        }
    }
}

void CsvReader::finish() {
    const bool is_after_record = state_ == State::cell_start && extents_.empty();
    if (fault_.empty() && !is_after_record) {
        fail("CR LF at the end");
    }
}

std::string_view CsvReader::read_plain(std::string_view bytes) {
    const std::size_t size = size_before_mark(bytes);
    text_ += bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (bytes.empty()) {
        return bytes;
    }
    if (bytes.front() == ',') {
        end_cell();
    } else if (bytes.front() == '\r') {
        state_ = State::carriage_return;
    } else {
        fail("quotes around a cell with a quote or a line feed");
    }
    return bytes.substr(1);
}

std::string_view CsvReader::read_quoted(std::string_view bytes) {
    const std::size_t end = std::min(bytes.find('"'), bytes.size());
    text_ += bytes.substr(0, end);
    if (end == bytes.size()) {
        return {};
    }
    state_ = State::quote_in_quoted;
    return bytes.substr(end + 1);
}

// A mark where a cell begins, or any character after a quote in quotes or after CR.
void CsvReader::read_mark(char c) {
    if (state_ == State::carriage_return) {
        if (c == '\n') {
            end_record();
        } else {
            fail("LF after CR");
        }
        return;
    }
    if (c == '"') {
        // At the start it opens; after a quote in quotes it is one.
        if (state_ == State::quote_in_quoted) {
            text_ += '"';
        }
        was_quoted_ = true;
        state_ = State::quoted;
    } else if (c == ',') {
        end_cell();
    } else if (c == '\r') {
        state_ = State::carriage_return;
    } else {
        fail("a comma or CR LF after a cell");
    }
}

void CsvReader::end_cell() {
    const std::size_t size = text_.size() - cell_from_;
    extents_.push_back({cell_from_, size, size == 0 && !was_quoted_});
    cell_from_ = text_.size();
    was_quoted_ = false;
    state_ = State::cell_start;
}

void CsvReader::end_record() {
    end_cell();
    cells_.clear();
    for (const Extent& extent : extents_) {
        cells_.push_back(
            {std::string_view(text_).substr(extent.from, extent.size), extent.is_null});
    }
    ++records_;
    visit_(cells_);
    extents_.clear();
    text_.clear();
    cell_from_ = 0;
}

void CsvReader::fail(std::string_view expected) {
    fault_ = "record " + std::to_string(records_ + 1) + ": expected " + std::string(expected);
}

}  // namespace dcm::focus
