#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace dcm::consumer {

// Bounds a call of cnats 3.4 that connects: it waits without an end for a server that accepts the
// connection and then says nothing, in the log-in reading the socket over and over, in the TLS
// handshake blocked. Whatever socket the process opens meanwhile to the port is shut down
// when the time for it is over: that, cnats notices.
//
// One exists at a time: the caller sees to it.
class ConnectWatch {
public:
    // Throws Failure (environment) when there is no thread to be had.
    ConnectWatch(std::uint16_t port, std::chrono::milliseconds time);
    ConnectWatch(const ConnectWatch&) = delete;
    ConnectWatch& operator=(const ConnectWatch&) = delete;
    ~ConnectWatch();

    // Ends the watching; whether a socket had to be shut down.
    [[nodiscard]] bool end();

private:
    using Time = std::chrono::steady_clock::time_point;
    using Inode = std::uint64_t;

    void watch();
    void look(Time now);

    std::uint16_t port_;
    std::chrono::milliseconds time_;
    std::set<Inode> before_;
    std::map<Inode, Time> seen_;  // since when
    bool fired_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace dcm::consumer
