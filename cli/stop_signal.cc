#include "cli/stop_signal.h"

#include <csignal>
#include <system_error>
#include <thread>
#include <vector>

namespace dcm::cli {
namespace {

std::atomic<bool>& stop_flag() {
    static std::atomic<bool> flag{false};
    return flag;
}

void handle_with(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

extern "C" void request_stop(int /*signal*/) {
    stop_flag().store(true);
}

void take(sigset_t asked) {
    for (;;) {
        int signal = 0;
        if (sigwait(&asked, &signal) == 0) {
            stop_flag().store(true);
            stop_flag().notify_all();
        }
    }
}

}  // namespace

void ignore_broken_pipes() {
    handle_with(SIGPIPE, SIG_IGN);
}

void take_stop_signals() {
    static_cast<void>(stop_flag());  // made before a handler can run
    std::vector<int> signals{SIGINT, SIGTERM};
    if (!is_ignored(SIGHUP)) {
        signals.push_back(SIGHUP);
    }
    sigset_t asked{};
    sigemptyset(&asked);
    for (const int signal : signals) {
        sigaddset(&asked, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &asked, nullptr);
    try {
        std::thread(take, asked).detach();
    } catch (const std::system_error&) {
        for (const int signal : signals) {
            handle_with(signal, request_stop);
        }
        ::pthread_sigmask(SIG_UNBLOCK, &asked, nullptr);
    }
}

const std::atomic<bool>& stop_requested() {
    return stop_flag();
}

void wait_for_stop() {
    stop_flag().wait(false);
}

}  // namespace dcm::cli
