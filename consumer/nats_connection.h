#pragma once

#include "consumer/nats_handles.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

struct TlsFiles {
    std::filesystem::path ca;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

// Where the broker is and how to prove who we are; empty paths are not used.
struct NatsOptions {
    std::vector<std::string> urls{"nats://127.0.0.1:4222"};
    std::filesystem::path credentials;  // a .creds file: user JWT and seed
    std::filesystem::path nkey_seed;    // a file holding one user seed
    std::string user;
    std::filesystem::path password_file;  // its first line is the password
    TlsFiles tls;
    std::string client_name = "dcm-billing";
    std::chrono::milliseconds connect_timeout{2000};
};

// A URL without user and password: what may be shown.
[[nodiscard]] std::string shown_url(std::string_view url);

// One connection to the broker, lent to who speaks NATS. When it is lost, ensure_open() makes a new
// one: cnats would reconnect in a thread of its own, which can wait without an end and holds what
// each call of ours needs.
//
// One thread uses it; cnats' own threads only leave notices here.
class NatsConnection {
public:
    explicit NatsConnection(NatsOptions options);
    NatsConnection(const NatsConnection&) = delete;
    NatsConnection& operator=(const NatsConnection&) = delete;
    ~NatsConnection();

    // Connects unless there is a connection. Throws Failure: environment when the broker cannot be
    // reached, refuses us or says nothing for the time to connect; malformed for unusable options.
    // The message names the URLs and files, never a secret.
    void ensure_open();

    [[nodiscard]] bool connected() const;
    // Grows with each new connection: the server lost what it knew of us, subscriptions are gone.
    [[nodiscard]] std::int64_t epoch() const { return epoch_; }
    // Of the open connection; ensure_open() went before.
    [[nodiscard]] natsConnection* handle() const { return handle_.get(); }

    // One request, with headers where there are any, one answer. Throws Failure (environment) when
    // there is none.
    struct RequestHeader {
        std::string name;
        std::string value;
    };
    [[nodiscard]] std::string request(const std::string& subject,
                                      std::string_view body,
                                      const std::vector<RequestHeader>& headers = {});
    // The same; nullopt when the server has said, since the connection was made, that we may not
    // publish there.
    [[nodiscard]] std::optional<std::string> request_if_permitted(
        const std::string& subject,
        std::string_view body,
        const std::vector<RequestHeader>& headers = {});
    // That the server cannot do what it is there for at present: where nats.url has another one,
    // that is the next to be asked.
    void move_on();
    // Waits until the server has read all that was published before.
    void flush();

    // What happened since the last call: connection lost, made again, permission refused.
    [[nodiscard]] std::vector<std::string> take_notices();
    [[nodiscard]] std::string shown_urls() const;

private:
    class Events;

    void close();
    [[nodiscard]] OptionsHandle make_options(const std::string& url) const;

    NatsOptions options_;
    std::unique_ptr<Events> events_;
    ConnectionHandle handle_;
    std::int64_t epoch_ = 0;
    std::size_t first_ = 0;  // of the URLs, to be tried
    bool leaves_ = false;    // the server that is connected to
};

}  // namespace dcm::consumer
