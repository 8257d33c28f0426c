#pragma once

#include <functional>

namespace dcm::exports::testing {

// What happens to the calls of the operating system that change files: openat that creates,
// mkdirat, write, fsync, renameat, unlinkat.
enum class Fate {
    refused,  // the n-th fails with ENOSPC and does nothing, as do all after it
    killed,   // the process is killed before the n-th
};

// While it lives, calls are counted in this process; the n-th, counted from 1, meets its fate.
class CountedCalls {
public:
    CountedCalls(Fate fate, int number);
    CountedCalls(const CountedCalls&) = delete;
    CountedCalls& operator=(const CountedCalls&) = delete;
    ~CountedCalls();

    // Whether the n-th was reached.
    [[nodiscard]] static bool was_met();
};

// Runs `act` in a process of its own that is killed before the n-th such call; true when it came to
// its end instead.
[[nodiscard]] bool survives(int number, const std::function<void()>& act);

}  // namespace dcm::exports::testing
