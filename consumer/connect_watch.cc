#include "consumer/connect_watch.h"

#include "base/result.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

namespace dcm::consumer {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenSocketLooks{50};

constexpr const char* kDescriptors = "/proc/self/fd";

// Asked by name: the descriptor may be another thread's to open and close meanwhile.
std::optional<std::uint64_t> inode_of_socket(int descriptor) {
    const std::string name = kDescriptors + ("/" + std::to_string(descriptor));
    struct stat status {};
    const bool is_socket = stat(name.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
    return is_socket ? std::optional(std::uint64_t{status.st_ino}) : std::nullopt;
}

void for_each_socket(const std::function<void(int, std::uint64_t)>& visit) {
    std::error_code error;
    for (fs::directory_iterator entry(kDescriptors, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        int descriptor = -1;
        static_cast<void>(std::from_chars(name.data(), name.data() + name.size(), descriptor));
        if (const auto inode = inode_of_socket(descriptor)) {
            visit(descriptor, *inode);
        }
    }
}

// Where the socket is connected to; 0 when it is not, or not to a port.
std::uint16_t port_of_peer(int descriptor) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are asked.
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
        return 0;
    }
    if (peer.ss_family == AF_INET) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        return ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port);
    }
    if (peer.ss_family == AF_INET6) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        return ntohs(reinterpret_cast<const sockaddr_in6&>(peer).sin6_port);
    }
    return 0;
}

}  // namespace

ConnectWatch::ConnectWatch(std::uint16_t port, std::chrono::milliseconds time)
    : port_(port), time_(time) {
    for_each_socket([this](int /*descriptor*/, Inode inode) { before_.insert(inode); });
    try {
        thread_ = std::thread([this] { watch(); });
    } catch (const std::system_error& error) {
        throw Failure(ErrorKind::environment,
                      std::string("cannot connect to the broker: ") + error.what());
    }
}

ConnectWatch::~ConnectWatch() {
    static_cast<void>(end());
}

bool ConnectWatch::end() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    return fired_;
}

void ConnectWatch::watch() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kBetweenSocketLooks, [this] { return over_; })) {
        look(std::chrono::steady_clock::now());
    }
}

void ConnectWatch::look(Time now) {
    for_each_socket([this, now](int descriptor, Inode inode) {
        if (before_.contains(inode) || now - seen_.try_emplace(inode, now).first->second < time_ ||
            port_of_peer(descriptor) != port_) {
            return;
        }
        // Looked at as late as can be: the number may be another socket's by now.
        if (inode_of_socket(descriptor) == inode && shutdown(descriptor, SHUT_RDWR) == 0) {
            fired_ = true;
        }
    });
}

}  // namespace dcm::consumer
