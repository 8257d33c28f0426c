#include "cli/stop_signal.h"

#include <csignal>

namespace dcm::cli {
namespace {

std::atomic<bool>& stop_flag() {
    static std::atomic<bool> flag{false};
    return flag;
}

extern "C" void request_stop(int /*signal*/) {
    stop_flag().store(true);
}

}  // namespace

void install_stop_signals() {
    static_cast<void>(stop_flag());  // made before a handler can run
    struct sigaction action {};
    action.sa_handler = request_stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGHUP, &action, nullptr);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, nullptr);
}

const std::atomic<bool>& stop_requested() {
    return stop_flag();
}

StopSignals::StopSignals() {
    sigset_t asked{};
    sigemptyset(&asked);
    sigaddset(&asked, SIGINT);
    sigaddset(&asked, SIGTERM);
    sigaddset(&asked, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &asked, &before_);
}

StopSignals::~StopSignals() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::wait() const {
    while (!stop_requested()) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the other threads were begun with all blocked
        ::sigsuspend(&before_);
    }
}

}  // namespace dcm::cli
