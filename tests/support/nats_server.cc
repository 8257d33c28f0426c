#include "tests/support/nats_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace dcm::support {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void run_server(const fs::path& config, int log_descriptor) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log_descriptor, STDERR_FILENO);
    dup2(log_descriptor, STDOUT_FILENO);
    const std::string file = config.string();
    // Debian puts it where an ordinary user's PATH does not look.
    for (const char* program : {"nats-server", "/usr/sbin/nats-server", "/usr/bin/nats-server"}) {
        execlp(program, program, "-c", file.c_str(), static_cast<char*>(nullptr));
    }
    _exit(127);
}

int port_in(const std::string& line) {
    constexpr std::string_view mark = "Listening for client connections on ";
    const std::size_t at = line.find(mark);
    int port = -1;
    if (at != std::string::npos) {
        const std::string digits = line.substr(line.rfind(':') + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), port);
    }
    return port;
}

}  // namespace

NatsServer::NatsServer(std::string config_lines) : config_lines_(std::move(config_lines)) {
    start();
}

NatsServer::~NatsServer() {
    kill();
}

std::string NatsServer::url() const {
    return "nats://127.0.0.1:" + std::to_string(port_);
}

void NatsServer::start() {
    const fs::path config = directory_.file(
        "server.conf",
        "listen: \"127.0.0.1:" + std::to_string(port_) + "\"\n" + "jetstream { store_dir: \"" +
            (directory_.path() / "store").string() + "\" }\n" + config_lines_ + "\n");
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2 failed");
    }
    process_ = fork();
    if (process_ == 0) {
        run_server(config, ends[1]);
    }
    close(ends[1]);
    wait_ready(ends[0]);
}

void NatsServer::wait_ready(int log_descriptor) {
    FILE* log = fdopen(log_descriptor, "r");
    std::string seen;
    std::array<char, 4096> line{};
    bool ready = false;
    while (!ready && std::fgets(line.data(), line.size(), log) != nullptr) {
        const std::string text = line.data();
        seen += text;
        const int port = port_in(text);
        port_ = port > 0 ? port : port_;
        ready = text.find("Server is ready") != std::string::npos;
    }
    if (!ready) {
        std::fclose(log);  // NOLINT(cppcoreguidelines-owning-memory)
        throw std::runtime_error("nats-server did not start: " + seen);
    }
    // A full pipe would stop the server.
    log_reader_ = std::thread([log] {
        std::array<char, 4096> rest{};
        while (std::fgets(rest.data(), rest.size(), log) != nullptr) {
        }
        std::fclose(log);  // NOLINT(cppcoreguidelines-owning-memory)
    });
}

void NatsServer::kill() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        process_ = -1;
    }
    if (log_reader_.joinable()) {
        log_reader_.join();
    }
}

}  // namespace dcm::support
