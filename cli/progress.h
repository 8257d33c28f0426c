#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace dcm::cli {

// A line on stderr with a bar, the rate and the remaining time, redrawn at most ten times a second;
// silent when stderr is no terminal.
class Progress {
public:
    enum class Unit { things, bytes };

    Progress(std::string label, const Clock& clock, Unit unit = Unit::things);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    struct Step {
        std::int64_t done = 0;
        std::int64_t total = 0;  // 0: unknown
    };
    void show(Step step);

private:
    std::string label_;
    const Clock& clock_;
    Unit unit_;
    bool visible_;
    Instant started_;
    Instant drawn_;
};

// `12.3 MB` for bytes, the number itself for things.
[[nodiscard]] std::string shown_amount(std::int64_t amount, Progress::Unit unit);

// What a line shows.
struct ProgressLine {
    std::string label;
    Progress::Unit unit = Progress::Unit::things;
    Progress::Step step;
    Duration elapsed;
};

// The line itself, `width` columns at most: `rebuild [####----] 42%  123456/s  00:12 left`.
[[nodiscard]] std::string progress_line(const ProgressLine& line, std::size_t width);

}  // namespace dcm::cli
