#include "consumer/line_reader.h"

#include "base/result.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace dcm::consumer {
namespace {

constexpr std::size_t kReadBytes = 1'048'576;

Failure read_failure(const std::string& file, const std::string& what) {
    const std::string reason = std::error_code(errno, std::generic_category()).message();
    return {ErrorKind::environment, "cannot " + what + " " + file + ": " + reason};
}

}  // namespace

LineReader::LineReader(const std::string& file) : file_(file == "-" ? "stdin" : file) {
    if (file == "-") {
        descriptor_ = STDIN_FILENO;
        return;
    }
    // A pipe without a writer is waited for by next(), which a stop can end, not by open().
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open is.
    descriptor_ = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor_ < 0) {
        throw read_failure(file_, "open");
    }
    owned_ = true;
}

LineReader::~LineReader() {
    if (owned_) {
        close(descriptor_);
    }
}

LineReader::Outcome LineReader::next(std::chrono::milliseconds wait) {
    while (!cut_line()) {
        if (ended_) {
            return Outcome::end;
        }
        require_bounded(buffer_.size() - begin_, line_number_ + 1);
        switch (fill(wait)) {
            case Filled::some:
                break;
            case Filled::end:
                ended_ = true;
                break;
            case Filled::nothing_yet:
                return Outcome::nothing_yet;
        }
    }
    require_bounded(line_.size(), line_number_);
    return Outcome::line;
}

void LineReader::require_bounded(std::size_t size, std::int64_t line_number) const {
    // One more for a CR whose LF has not been read yet.
    if (size > kLineBytesMax + (line_number > line_number_ ? 1 : 0)) {
        throw Failure(ErrorKind::malformed,
                      file_ + ", line " + std::to_string(line_number) + ": expected at most " +
                          std::to_string(kLineBytesMax) + " bytes");
    }
}

bool LineReader::cut_line() {
    std::size_t end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
        searched_ = buffer_.size();
        if (!ended_ || begin_ == buffer_.size()) {
            return false;
        }
        end = buffer_.size();
    }
    line_ = std::string_view(buffer_).substr(begin_, end - begin_);
    if (line_.ends_with('\r')) {
        line_.remove_suffix(1);
    }
    begin_ = std::min(end + 1, buffer_.size());
    searched_ = begin_;
    ++line_number_;
    return true;
}

LineReader::Filled LineReader::fill(std::chrono::milliseconds wait) {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    pollfd ready{descriptor_, POLLIN, 0};
    const int polled = poll(&ready, 1, static_cast<int>(wait.count()));
    if (polled == 0 || (polled < 0 && errno == EINTR)) {
        return Filled::nothing_yet;
    }
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kReadBytes);
    const ssize_t count = read(descriptor_, buffer_.data() + held, kReadBytes);
    buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return Filled::nothing_yet;
    }
    if (count < 0) {
        throw read_failure(file_, "read");
    }
    bytes_read_ += count;
    return count == 0 ? Filled::end : Filled::some;
}

}  // namespace dcm::consumer
