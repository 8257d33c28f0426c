#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dcm::consumer {

// A longer line is no message of any publisher (payloads end at 1 MiB by default, base64 and
// escapes included); it is refused instead of being held in memory.
inline constexpr std::size_t kLineBytesMax = 16'777'216;

// The lines of a file or of stdin, without their line ends (LF or CRLF); the last one may lack its
// own. Memory is bounded by the longest line allowed.
class LineReader {
public:
    enum class Outcome { line, end, nothing_yet };

    // `-` is stdin. Throws Failure (environment) when the file cannot be opened.
    explicit LineReader(const std::string& file);
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;
    ~LineReader();

    // The next line, if it comes before `wait` is over; a signal ends the wait. Throws Failure:
    // environment when reading fails, malformed for a line beyond kLineBytesMax.
    [[nodiscard]] Outcome next(std::chrono::milliseconds wait);
    // Of the last Outcome::line; valid until the next call.
    [[nodiscard]] std::string_view line() const { return line_; }
    // Counted from 1, blank lines included.
    [[nodiscard]] std::int64_t line_number() const { return line_number_; }
    [[nodiscard]] std::int64_t bytes_read() const { return bytes_read_; }

private:
    enum class Filled { some, end, nothing_yet };

    void require_bounded(std::size_t size, std::int64_t line_number) const;
    [[nodiscard]] bool cut_line();
    [[nodiscard]] Filled fill(std::chrono::milliseconds wait);

    std::string file_;
    int descriptor_ = -1;
    bool owned_ = false;
    bool ended_ = false;
    std::string buffer_;
    std::size_t begin_ = 0;     // of what was not returned yet
    std::size_t searched_ = 0;  // no line end before this
    std::string_view line_;
    std::int64_t line_number_ = 0;
    std::int64_t bytes_read_ = 0;
};

}  // namespace dcm::consumer
