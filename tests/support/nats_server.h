#pragma once

#include "tests/support/temp_dir.h"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace dcm::support {

// A real nats-server with JetStream on a free loopback port, its store in a directory of its own.
// It dies with the test.
class NatsServer {
public:
    // Started and ready. `config_lines` are added to its configuration file.
    explicit NatsServer(std::string config_lines = "");
    NatsServer(const NatsServer&) = delete;
    NatsServer& operator=(const NatsServer&) = delete;
    ~NatsServer();

    [[nodiscard]] std::string url() const;
    [[nodiscard]] const TempDir& directory() const { return directory_; }

    // kill -9.
    void kill();
    // On the port and store it had before; ready when it returns.
    void start();

private:
    void wait_ready(int log_descriptor);

    TempDir directory_;
    std::string config_lines_;
    int port_ = -1;
    pid_t process_ = -1;
    std::thread log_reader_;
};

}  // namespace dcm::support
