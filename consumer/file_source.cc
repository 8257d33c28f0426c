#include "consumer/file_source.h"

#include "base/result.h"
#include "consumer/json_lines.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <utility>

namespace dcm::consumer {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kBlank = " \t\r";

// 0 when there is no telling.
std::int64_t size_of(const std::string& file) {
    std::error_code error;
    const bool regular = file != "-" && fs::is_regular_file(file, error);
    const std::uintmax_t size = regular ? fs::file_size(file, error) : 0;
    return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

FileSource::FileSource(std::vector<std::string> files, const Clock& clock)
    : files_(std::move(files)), clock_(clock) {
    bool all_known = true;
    for (const std::string& file : files_) {
        // Told at once rather than after an hour of the files before it. A pipe is opened once
        // only: its writer would be gone the second time.
        std::error_code unknown;
        if (file != "-" && !fs::is_fifo(file, unknown)) {
            const LineReader readable(file);
        }
        const std::int64_t size = size_of(file);
        std::error_code ignored;
        all_known = all_known && (size > 0 || fs::is_regular_file(file, ignored));
        bytes_total_ += size;
    }
    bytes_total_ = all_known ? bytes_total_ : 0;
}

std::vector<Message> FileSource::pull(std::size_t count_max, milliseconds wait) {
    const auto deadline = steady_clock::now() + wait;
    milliseconds left = wait;
    std::vector<Message> out;
    std::size_t bytes = 0;
    while (out.size() < count_max && bytes < kPullBytesMax && !drained()) {
        if (reader_ == nullptr) {
            reader_ = std::make_unique<LineReader>(files_[next_file_++]);
        }
        const std::int64_t read_before = reader_->bytes_read();
        const LineReader::Outcome outcome = reader_->next(left);
        if (outcome == LineReader::Outcome::nothing_yet) {
            break;
        }
        if (outcome == LineReader::Outcome::end) {
            bytes_of_ended_ += reader_->bytes_read();
            reader_.reset();
            continue;
        }
        bytes += add_line(out);
        if (reader_->bytes_read() != read_before) {
            const auto now = steady_clock::now();
            left =
                now < deadline ? std::chrono::ceil<milliseconds>(deadline - now) : milliseconds(0);
        }
    }
    return out;
}

std::size_t FileSource::add_line(std::vector<Message>& out) const {
    const std::string_view line = reader_->line();
    if (line.find_first_not_of(kBlank) == std::string_view::npos) {
        return 0;
    }
    Message message = message_from_line(line, clock_.now());
    message.ack_subject = std::to_string(reader_->line_number());
    out.push_back(std::move(message));
    return out.back().payload.size();
}

void FileSource::acknowledge(std::span<const Message> /*messages*/) {}

void FileSource::keep(std::span<const Message* const> /*messages*/) {}

std::int64_t FileSource::line_of(const Message& message) {
    std::int64_t line = 0;
    const std::string& text = message.ack_subject;
    static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), line));
    return line;
}

std::int64_t FileSource::bytes_read() const {
    return bytes_of_ended_ + (reader_ == nullptr ? 0 : reader_->bytes_read());
}

}  // namespace dcm::consumer
