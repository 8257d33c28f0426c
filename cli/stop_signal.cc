#include "cli/stop_signal.h"

#include <csignal>
#include <thread>

namespace dcm::cli {
namespace {

std::atomic<bool> stop_flag{false};

void ignore(int signal) {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

void take(sigset_t asked) {
    for (;;) {
        int signal = 0;
        if (sigwait(&asked, &signal) == 0) {
            stop_flag.store(true);
            stop_flag.notify_all();
        }
    }
}

}  // namespace

void take_stop_signals() {
    ignore(SIGPIPE);
    sigset_t asked{};
    sigemptyset(&asked);
    sigaddset(&asked, SIGINT);
    sigaddset(&asked, SIGTERM);
    if (!is_ignored(SIGHUP)) {
        sigaddset(&asked, SIGHUP);
    }
    ::pthread_sigmask(SIG_BLOCK, &asked, nullptr);
    std::thread(take, asked).detach();
}

const std::atomic<bool>& stop_requested() {
    return stop_flag;
}

void wait_for_stop() {
    stop_flag.wait(false);
}

}  // namespace dcm::cli
