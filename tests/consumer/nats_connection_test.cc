#include "consumer/nats_connection.h"

#include "consumer/nkey.h"
#include "tests/consumer/nats_support.h"

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
    CHECK(connection.generation() == 1);
}

TEST_CASE("without JetStream a request says so", "[nats]") {
    const support::NatsServer server("jetstream: disabled");
    NatsConnection connection(options_for(server));
    CHECK_THROWS_WITH(connection.request("$JS.API.INFO", ""),
                      Catch::Contains("JetStream is not enabled"));
}

}  // namespace
}  // namespace dcm::consumer
