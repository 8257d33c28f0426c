#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace dcm::cli {
namespace {

constexpr std::int64_t kRedrawMicros = 100'000;
constexpr std::size_t kBarCells = 24;
constexpr std::size_t kWidthWithoutTerminal = 80;

std::size_t stderr_width() {
    winsize size{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system call is so.
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
               ? size.ws_col
               : kWidthWithoutTerminal;
}

void write_stderr(const std::string& text) {
    static_cast<void>(std::fputs(text.c_str(), stderr));  // a broken terminal stops no work
    static_cast<void>(std::fflush(stderr));
}

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string clock_time(std::int64_t seconds) {
    const std::string hours = seconds >= 3'600 ? std::to_string(seconds / 3'600) + ':' : "";
    return hours + two_digits(seconds / 60 % 60) + ':' + two_digits(seconds % 60);
}

std::string bar(Progress::Step step) {
    const auto cells = static_cast<std::int64_t>(kBarCells);
    const auto filled = static_cast<std::size_t>(step.done * cells / step.total);
    return " [" + std::string(filled, '#') + std::string(kBarCells - filled, '-') + "] " +
           std::to_string(step.done * 100 / step.total) + '%';
}

}  // namespace

std::string shown_amount(std::int64_t amount, Progress::Unit unit) {
    constexpr std::int64_t bytes_per_tenth_megabyte = 100'000;
    if (unit == Progress::Unit::things) {
        return std::to_string(amount);
    }
    const std::int64_t tenths = amount / bytes_per_tenth_megabyte;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MB";
}

std::string progress_line(const ProgressLine& line, std::size_t width) {
    Progress::Step step = line.step;
    const std::int64_t micros = std::max<std::int64_t>(line.elapsed.micros, 1);
    const std::int64_t rate = step.done * kMicrosPerSecond / micros;
    std::string text = line.label;
    if (step.total > 0) {
        step.done = std::min(step.done, step.total);
        text += bar(step);
    } else {
        text += "  " + shown_amount(step.done, line.unit);
    }
    text += "  " + shown_amount(rate, line.unit) + "/s";
    if (step.total > 0 && rate > 0) {
        text += "  " + clock_time((step.total - step.done) / rate) + " left";
    }
    return text.substr(0, width);
}

Progress::Progress(std::string label, const Clock& clock, Unit unit)
    : label_(std::move(label)),
      clock_(clock),
      unit_(unit),
      visible_(::isatty(STDERR_FILENO) == 1),
      started_(clock.now()) {}

Progress::~Progress() {
    if (visible_ && drawn_.micros != 0) {
        write_stderr("\r\x1b[K");
    }
}

void Progress::show(Step step) {
    if (!visible_) {
        return;
    }
    const Instant now = clock_.now();
    if ((now - drawn_).micros < kRedrawMicros) {
        return;
    }
    drawn_ = now;
    write_stderr("\r\x1b[K" +
                 progress_line({label_, unit_, step, now - started_}, stderr_width() - 1));
}

}  // namespace dcm::cli
