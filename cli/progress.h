#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace dcm::cli {

// A line on stderr with a bar, the rate and the remaining time, redrawn at most ten times a second;
// silent when stderr is no terminal.
class Progress {
public:
    Progress(std::string label, const Clock& clock);
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
    bool visible_;
    Instant started_;
    Instant drawn_;
};

// The line itself, `width` columns at most: `replay [####----]  42%  123456/s  00:12 left`.
[[nodiscard]] std::string progress_line(const std::string& label,
                                        Progress::Step step,
                                        Duration elapsed,
                                        std::size_t width);

}  // namespace dcm::cli
