#include "cli/query_watch.h"

#include <algorithm>
#include <utility>

namespace dcm::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kGrace{1};
// A signal cannot wake the thread.
constexpr std::chrono::milliseconds kBetweenLooksForStop{100};

}  // namespace

QueryWatch::QueryWatch(std::chrono::microseconds length,
                       const std::atomic<bool>& stop,
                       std::function<void()> on_overrun)
    : thread_([this, length, &stop, on_overrun = std::move(on_overrun)] {
          steady_clock::time_point end = steady_clock::now() + length + kGrace;
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, kBetweenLooksForStop, [this] { return done_; })) {
              const auto now = steady_clock::now();
              if (now >= end) {
                  return on_overrun();
              }
              end = stop.load() ? std::min(end, now + kGrace) : end;
          }
      }) {}

QueryWatch::~QueryWatch() {
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

}  // namespace dcm::cli
