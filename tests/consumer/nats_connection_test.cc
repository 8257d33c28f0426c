#include "consumer/nats_connection.h"

#include "consumer/nkey.h"
#include "tests/consumer/nats_support.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace dcm::consumer {
namespace {

constexpr std::string_view kSeed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr std::string_view kPublic = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

std::string failure_of(NatsConnection& connection, ErrorKind kind) {
    try {
        connection.ensure_open();
    } catch (const Failure& failure) {
        CHECK(failure.kind() == kind);
        return failure.what();
    }
    FAIL("expected a Failure");
    return "";
}

bool mentions(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a URL is shown without user and password", "[nats]") {
    CHECK(shown_url("nats://127.0.0.1:4222") == "nats://127.0.0.1:4222");
    CHECK(shown_url("nats://bob:s3cret@host:4222") == "nats://host:4222");
    CHECK(shown_url("bob:s3@cret@host") == "host");
    CHECK(shown_url("").empty());
}

TEST_CASE("an unreachable broker is an environment failure that names the URL, not the password",
          "[nats]") {
    NatsOptions options;
    // Port 1 of the loopback: nothing listens there.
    options.urls = {"nats://bob:s3cret@127.0.0.1:1"};
    NatsConnection connection(options);
    const std::string text = failure_of(connection, ErrorKind::environment);
    CHECK(mentions(text, "nats://127.0.0.1:1"));
    CHECK_FALSE(mentions(text, "s3cret"));
    CHECK_FALSE(connection.connected());
}

TEST_CASE("user and password from a file open the connection, a wrong one is told without it",
          "[nats]") {
    const support::NatsServer server("authorization { user: bob, password: \"right-one\" }");
    const support::TempDir files;
    NatsOptions options = options_for(server);
    options.user = "bob";
    SECTION("right") {
        options.password_file = files.file("password", "right-one\n");
        NatsConnection connection(options);
        connection.ensure_open();
        CHECK(connection.connected());
        CHECK(connection.epoch() == 1);
    }
    SECTION("wrong") {
        options.password_file = files.file("password", "wrong-one\n");
        NatsConnection connection(options);
        const std::string text = failure_of(connection, ErrorKind::environment);
        CHECK(mentions(text, "refused our credentials"));
        CHECK_FALSE(mentions(text, "wrong-one"));
    }
    SECTION("an empty file") {
        options.password_file = files.file("password", "\n");
        NatsConnection connection(options);
        CHECK(mentions(failure_of(connection, ErrorKind::malformed), "first line"));
    }
    SECTION("no file") {
        options.password_file = files.path() / "absent";
        NatsConnection connection(options);
        CHECK(mentions(failure_of(connection, ErrorKind::environment), "absent"));
    }
}

TEST_CASE("an NKey seed file opens the connection", "[nats]") {
    const support::NatsServer server("authorization { users: [ { nkey: " + std::string(kPublic) +
                                     " } ] }");
    const support::TempDir files;
    NatsOptions options = options_for(server);
    options.nkey_seed = files.file("user.nk", std::string(kSeed) + "\n");
    NatsConnection connection(options);
    connection.ensure_open();
    CHECK(connection.connected());
}

TEST_CASE("options that exclude each other are malformed", "[nats]") {
    const support::TempDir files;
    NatsOptions options;
    options.nkey_seed = files.file("user.nk", std::string(kSeed));
    SECTION("two ways to log in") {
        options.credentials = options.nkey_seed;
    }
    SECTION("a damaged seed") {
        options.nkey_seed = files.file("bad.nk", "SUAAAA");
    }
    SECTION("a user without password file") {
        options.user = "bob";
    }
    SECTION("a certificate without key") {
        options.tls.certificate = options.nkey_seed;
    }
    SECTION("no URL") {
        options.urls = {};
    }
    NatsConnection connection(options);
    const std::string text = failure_of(connection, ErrorKind::malformed);
    CHECK_FALSE(mentions(text, std::string(kSeed)));
}

TEST_CASE("a killed and restarted server is found again and told", "[nats]") {
    support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    server.kill();
    CHECK(eventually([&] { return !connection.connected(); }));
    server.start();
    std::vector<std::string> notices;
    CHECK(eventually([&] {
        connection.ensure_open();
        for (std::string& notice : connection.take_notices()) {
            notices.push_back(std::move(notice));
        }
        return connection.connected() && notices.size() >= 2;
    }));
    REQUIRE(notices.size() == 2);
    CHECK(mentions(notices[0], "lost"));
    CHECK(mentions(notices[1], "again"));
    CHECK(connection.epoch() == 2);
}

// A peer that speaks so far as it is told, and reads only that far.
class FakeServer {
public:
    enum class Until { accepted, greeted, refused, logged_in };

    // `peers`: of its greeting, as a member of a cluster has them.
    explicit FakeServer(Until until, std::string peers = "[]")
        : until_(until), peers_(std::move(peers)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are told.
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(listener_, plain, size) == 0);
        REQUIRE(listen(listener_, 8) == 0);
        REQUIRE(getsockname(listener_, plain, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;
    ~FakeServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        for (const int client : clients_) {
            close(client);
        }
        close(listener_);
    }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] NatsOptions options() const {
        NatsOptions options;
        options.urls = {"nats://" + address()};
        options.connect_timeout = std::chrono::milliseconds(300);
        return options;
    }

private:
    void serve() {
        while (true) {
            const int client = accept(listener_, nullptr, nullptr);
            if (client < 0) {
                return;
            }
            clients_.push_back(client);
            if (until_ != Until::accepted) {
                say(client,
                    R"(INFO {"server_id":"X","version":"2.9.10","proto":1,"max_payload":1048576,)"
                    R"("connect_urls":)" +
                        peers_ + "}\r\n");
            }
            if (until_ == Until::refused) {
                hear_login(client);
                say(client, "-ERR 'Authorization Violation'\r\n");
                shutdown(client, SHUT_RDWR);
            }
            if (until_ == Until::logged_in) {
                hear_login(client);
                say(client, "PONG\r\n");
            }
        }
    }
    static void hear_login(int client) {
        std::string heard;
        char byte = 0;
        while (heard.find("PING\r\n") == std::string::npos && read(client, &byte, 1) == 1) {
            heard += byte;
        }
    }
    static void say(int client, const std::string& text) {
        static_cast<void>(send(client, text.data(), text.size(), MSG_NOSIGNAL));
    }

    Until until_;
    std::string peers_;
    int listener_;
    std::uint16_t port_ = 0;
    std::vector<int> clients_;
    std::thread thread_;
};

TEST_CASE("fault 64: a server that accepts and then says nothing is given up", "[nats]") {
    SECTION("before its greeting") {
        const FakeServer server(FakeServer::Until::accepted);
        NatsConnection connection(server.options());
        CHECK(mentions(failure_of(connection, ErrorKind::environment), "no answer in time"));
    }
    SECTION("behind its greeting, each time it is tried") {
        const FakeServer server(FakeServer::Until::greeted);
        NatsConnection connection(server.options());
        for (int tries = 0; tries < 2; ++tries) {
            CHECK(mentions(failure_of(connection, ErrorKind::environment), "says nothing"));
            CHECK_FALSE(connection.connected());
        }
    }
}

TEST_CASE("fault 64: a server that silence follows does not keep the next one waiting", "[nats]") {
    const FakeServer silent(FakeServer::Until::greeted);
    const support::NatsServer server;
    NatsOptions options = silent.options();
    options.urls.push_back(server.url());
    NatsConnection connection(options);
    connection.ensure_open();
    CHECK(connection.connected());
}

TEST_CASE("a server that only another one names is not waited for", "[nats]") {
    const FakeServer silent(FakeServer::Until::greeted);
    const FakeServer refusing(FakeServer::Until::refused, "[\"" + silent.address() + "\"]");
    NatsConnection connection(refusing.options());
    const std::string told = failure_of(connection, ErrorKind::environment);
    CHECK(mentions(told, "refused our credentials"));
    CHECK_FALSE(mentions(told, "says nothing"));
}

TEST_CASE("what each of several servers did is told", "[nats]") {
    const FakeServer silent(FakeServer::Until::greeted);
    const FakeServer refusing(FakeServer::Until::refused);
    NatsOptions options = silent.options();
    options.urls.push_back("nats://" + refusing.address());
    NatsConnection connection(options);
    CHECK(mentions(failure_of(connection, ErrorKind::environment),
                   "at nats://" + silent.address() +
                       ": the server accepts the connection, and then says nothing for 500 ms; "
                       "at nats://" +
                       refusing.address() + ": the server refused our credentials"));
}

TEST_CASE("a server that cannot serve is left for the next one", "[nats]") {
    const FakeServer first(FakeServer::Until::logged_in);
    const FakeServer second(FakeServer::Until::logged_in);
    NatsOptions options = first.options();
    options.urls.push_back("nats://" + second.address());
    NatsConnection connection(options);
    for (const FakeServer* const server : {&first, &second, &first}) {
        connection.ensure_open();
        std::array<char, 100> url{};
        REQUIRE(natsConnection_GetConnectedUrl(connection.handle(), url.data(), url.size()) ==
                NATS_OK);
        CHECK(mentions(url.data(), server->address()));
        connection.move_on();
    }
}

TEST_CASE("fault 64: a peer that reads no more is a lost connection", "[nats]") {
    const FakeServer server(FakeServer::Until::logged_in);
    NatsConnection connection(server.options());
    connection.ensure_open();
    REQUIRE(connection.connected());
    const std::string payload(1'000'000, 'x');
    const auto publish = [&] {
        return natsConnection_Publish(
            connection.handle(), "s", payload.data(), static_cast<int>(payload.size()));
    };
    constexpr int publishes_max = 1'000;  // more than any socket buffers
    int published = 0;
    while (published < publishes_max && publish() == NATS_OK) {
        ++published;
    }
    CHECK(published < publishes_max);
    CHECK(eventually([&] { return !connection.connected(); }));
}

TEST_CASE("without JetStream a request says so", "[nats]") {
    const support::NatsServer server("jetstream: disabled");
    NatsConnection connection(options_for(server));
    CHECK_THROWS_WITH(connection.request("$JS.API.INFO", ""),
                      Catch::Contains("JetStream is not enabled"));
}

}  // namespace
}  // namespace dcm::consumer
