#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::focus {

// A cell as it was read. One without any character, quotes included, has no value.
struct CsvCell {
    std::string_view text;
    bool is_null = false;

    bool operator==(const CsvCell&) const = default;
};

// Reads RFC 4180 in pieces of any size. Strict: CR LF after each record, quotes only around a whole
// cell. Cells are good until the visit ends.
class CsvReader {
public:
    using Visitor = std::function<void(std::span<const CsvCell>)>;
    // What is longer, or has more, is a fault.
    static constexpr std::size_t kRecordBytesMax = 1'048'576;
    static constexpr std::size_t kCellsMax = 1'024;

    explicit CsvReader(Visitor visit) : visit_(std::move(visit)) {}

    void read(std::string_view bytes);
    // Whether the text ended after a record.
    void finish();

    // The first fault, with its record; empty while there is none. Nothing is visited after it.
    [[nodiscard]] const std::string& fault() const { return fault_; }
    // Records that were visited, the header included.
    [[nodiscard]] std::int64_t records() const { return records_; }

private:
    enum class State { cell_start, plain, quoted, quote_in_quoted, carriage_return };
    struct Extent {
        std::size_t from = 0;
        std::size_t size = 0;
        bool is_null = false;
    };

    [[nodiscard]] std::string_view read_plain(std::string_view bytes);
    [[nodiscard]] std::string_view read_quoted(std::string_view bytes);
    void read_mark(char c);
    void end_cell();
    void end_record();
    void fail(std::string_view expected);

    Visitor visit_;
    State state_ = State::cell_start;
    bool was_quoted_ = false;
    std::string text_;  // of the record
    std::size_t cell_from_ = 0;
    std::vector<Extent> extents_;
    std::vector<CsvCell> cells_;
    std::int64_t records_ = 0;
    std::string fault_;
};

}  // namespace dcm::focus
