#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace dcm::cli {

// SQLite looks at the clock between the steps of a statement. One step can take for ever (a search
// for one long text in another): then this acts, in a thread of its own, unless the work was
// done by then.
class QueryWatch {
public:
    // Acts a second after `length`, or after `stop` was set: a statement gets so long to end by
    // itself.
    QueryWatch(std::chrono::microseconds length,
               const std::atomic<bool>& stop,
               std::function<void()> on_overrun);
    QueryWatch(const QueryWatch&) = delete;
    QueryWatch& operator=(const QueryWatch&) = delete;
    // The work is done.
    ~QueryWatch();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

}  // namespace dcm::cli
