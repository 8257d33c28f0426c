// The real witness behind the real server, asked by the real client, and what is not a witness.
#include "anchors/anchor_witness.h"
#include "anchors/file_io.h"
#include "anchors/witness_server.h"
#include "audit/tree.h"
#include "store/log_reader.h"
#include "tests/store/store_fixture.h"
#include "tests/support/manual_clock.h"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <variant>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;
using store::test::Fixture;

std::string url_of(std::uint16_t port) {
    return "http://127.0.0.1:" + std::to_string(port);
}

// A log and its key, and a witness that knows it.
struct WitnessFixture {
    Fixture log;
    audit::SigningKey key = audit::SigningKey::from_seed("test/audit/1", std::string(32, 'k'));
    std::optional<Witness> witness;
    std::optional<WitnessServer> server;

    WitnessFixture() { start(); }

    [[nodiscard]] fs::path file(const char* name) const { return log.directory.path() / name; }

    void start() {
        server.reset();
        witness.emplace(
            WitnessSetup{
                file("witness.key"), "example.com/w1", file("witness.state"), {key.verifier()}},
            log.clock);
        server.emplace(*witness, ListenAddress{"127.0.0.1", 0});
    }
    [[nodiscard]] WitnessAnchorSetup setup() const {
        return {url_of(server->port()), "test/audit/1", witness->key(), file("memory"), log.url};
    }
    // The log's checkpoint as it is now.
    [[nodiscard]] SignedCheckpoint checkpoint() {
        const store::LogHead head = store::LogReader(log.database).head();
        const audit::Frontier tree = audit::Frontier::restore(head.size, head.frontier).value();
        return signed_as({"test/audit/1", tree.size(), tree.root()});
    }
    [[nodiscard]] SignedCheckpoint signed_as(const audit::Checkpoint& checkpoint) const {
        return {checkpoint, audit::sign_checkpoint(checkpoint, key), key.verifier()};
    }
};

bool is_cosigned(const std::string& note, const audit::VerifierKey& key) {
    return std::holds_alternative<audit::Checkpoint>(audit::open_checkpoint(note, key).state);
}

template <typename Act>
std::string failure_of(const Act& act) {
    try {
        act();
    } catch (const Failure& failure) {
        return failure.what();
    }
    return "";
}

TEST_CASE("a witness cosigns a log that grows, and says so when it is asked", "[witness]") {
    WitnessFixture fixture;
    WitnessAnchor anchor(fixture.setup(), fixture.log.clock);
    CHECK_FALSE(anchor.read());
    for (const char* const id : {"1", "2", "3"}) {
        fixture.log.append({{.id = id}, {.id = std::string(id) + "b"}});
        const SignedCheckpoint checkpoint = fixture.checkpoint();
        anchor.keep(checkpoint);
        anchor.keep(checkpoint);
        std::optional<AnchorContent> content = anchor.read();
        REQUIRE(content);
        const std::string note = content->notes.rest();
        CHECK(note.starts_with(checkpoint.note));
        CHECK(is_cosigned(note, fixture.witness->key()));
        CHECK(content->size_told == checkpoint.checkpoint.size);
    }
    CHECK(anchor.warnings().empty());
}

TEST_CASE("a witness goes on where it was after a restart", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    const auto key = fixture.witness->key().text();
    fixture.start();
    CHECK(fixture.witness->key().text() == key);
    fixture.log.append({{.id = "2"}});
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    CHECK(WitnessAnchor(fixture.setup(), fixture.log.clock).read()->size_told ==
          fixture.checkpoint().checkpoint.size);
}

TEST_CASE("a client that forgot how far the witness is asks it", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    fs::remove(fixture.file("memory"));
    fixture.log.append({{.id = "2"}});
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    CHECK(fs::exists(fixture.file("memory")));
}

TEST_CASE("fault 22: of two copies of a database the witness cosigns one", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchor anchor(fixture.setup(), fixture.log.clock);
    anchor.keep(fixture.checkpoint());
    audit::Checkpoint other = fixture.checkpoint().checkpoint;
    other.root = audit::empty_root();
    CHECK(failure_of([&] { anchor.keep(fixture.signed_as(other)); }).find("another history") !=
          std::string::npos);
    const SignedCheckpoint older = fixture.checkpoint();
    fixture.log.append({{.id = "2"}});
    anchor.keep(fixture.checkpoint());
    CHECK(failure_of([&] { anchor.keep(older); }).find("another copy") != std::string::npos);
    CHECK(anchor.read()->size_told == fixture.checkpoint().checkpoint.size);
}

TEST_CASE("fault 26: a database and its file that were rolled back are told by the witness",
          "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchor anchor(fixture.setup(), fixture.log.clock);
    anchor.keep(fixture.checkpoint());
    const std::string remembered = read_file(fixture.file("memory")).value();
    const std::int64_t size_before = fixture.checkpoint().checkpoint.size;
    fixture.log.append({{.id = "2"}});
    anchor.keep(fixture.checkpoint());
    replace_file(fixture.file("memory"), remembered);
    std::optional<AnchorContent> content = anchor.read();
    REQUIRE(content);
    CHECK(content->size_told > size_before);
    CHECK(content->notes.rest() == remembered);
}

TEST_CASE("fault 96: a cosignature dated in the future counts, and is told", "[witness]") {
    const auto [seconds, warnings] =
        GENERATE(table<std::int64_t, std::size_t>({{0, 0}, {300, 0}, {301, 1}, {-86'400, 0}}));
    CAPTURE(seconds);
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    const support::ManualClock here(fixture.log.clock.now() +
                                    Duration{-seconds * kMicrosPerSecond});
    WitnessAnchor anchor(fixture.setup(), here);
    anchor.keep(fixture.checkpoint());
    CHECK(anchor.warnings().size() == warnings);
    WitnessAnchor reader(fixture.setup(), here);
    CHECK(reader.read());
    CHECK(reader.warnings().size() == warnings);
}

TEST_CASE("a witness that lost its state is an anchor lost", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    fs::remove(fixture.file("witness.state"));
    fixture.start();
    WitnessAnchor anchor(fixture.setup(), fixture.log.clock);
    CHECK_THROWS_AS(anchor.read(), AnchorLost);
    fixture.log.append({{.id = "2"}});
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), AnchorLost);
}

TEST_CASE("fault 96: the cosignature of another key does not count", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    WitnessAnchorSetup setup = fixture.setup();
    setup.key = audit::SigningKey::from_seed("example.com/w1", std::string(32, 'x')).cosigner();
    WitnessAnchor anchor(setup, fixture.log.clock);
    CHECK(failure_of([&] { anchor.keep(fixture.checkpoint()); }).find("cosignature") !=
          std::string::npos);
    CHECK_FALSE(fs::exists(fixture.file("memory")));

    setup.key.reset();
    WitnessAnchor unchecked(setup, fixture.log.clock);
    CHECK(unchecked.warnings().size() == 1);
    unchecked.keep(fixture.checkpoint());
    CHECK(unchecked.read());
}

TEST_CASE("a witness that cannot keep its state cosigns nothing", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    const SignedCheckpoint checkpoint = fixture.checkpoint();
    const std::string body = audit::format_add_checkpoint({0, {}, checkpoint.note});
    // Where it would be written first.
    fs::create_directory(fixture.file("witness.state.new"));
    CHECK(fixture.witness->add_checkpoint(body).status == 500);
    fs::remove(fixture.file("witness.state.new"));
    const WitnessReply conflict = fixture.witness->add_checkpoint(
        audit::format_add_checkpoint({checkpoint.checkpoint.size, {}, checkpoint.note}));
    CHECK(conflict.status == 409);
    CHECK(conflict.content_type == "text/x.tlog.size");
    CHECK(conflict.body == "0\n");
    CHECK(fixture.witness->add_checkpoint(body).status == 200);
}

TEST_CASE("a damaged state stops a witness", "[witness]") {
    WitnessFixture fixture;
    std::ofstream(fixture.file("witness.state")) << "dcm-billing witness/1\n";
    CHECK_THROWS_AS(fixture.start(), Failure);
}

TEST_CASE("only add-checkpoint is served, and nothing that is too large", "[witness]") {
    WitnessFixture fixture;
    HttpClient client;
    const std::string url = url_of(fixture.server->port());
    CHECK(client.post(url + "/", "").status == 404);
    CHECK(client.post(url + "/add-checkpoint", "").status == 400);
    CHECK(client.post(url + "/add-checkpoint", "old 0\n\nx").status == 400);
    CHECK(client.post(url + "/add-checkpoint", std::string(1'000'000, 'x')).status == 413);
}

// Listens, and answers whoever connects with the same bytes, whatever was asked.
class FixedAnswer {
public:
    // Sends the bytes again and again, until nobody takes them.
    enum class Repeated { no, yes };

    explicit FixedAnswer(std::string answer, Repeated repeated = Repeated::no)
        : answer_(std::move(answer)),
          repeated_(repeated),
          listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        auto* const address = reinterpret_cast<sockaddr*>(&place);
        REQUIRE(::bind(listener_, address, size) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        REQUIRE(::getsockname(listener_, address, &size) == 0);
        port_ = ntohs(place.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    FixedAnswer(const FixedAnswer&) = delete;
    FixedAnswer& operator=(const FixedAnswer&) = delete;
    ~FixedAnswer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    [[nodiscard]] std::string url() const { return url_of(port_); }

private:
    void serve() const {
        while (true) {
            const int client = ::accept(listener_, nullptr, nullptr);
            if (client < 0) {
                return;
            }
            do {
                if (::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) <= 0) {
                    break;
                }
            } while (repeated_ == Repeated::yes);
            ::close(client);
        }
    }

    std::string answer_;
    Repeated repeated_;
    int listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::string http(const std::string& status, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           more + "Connection: close\r\n\r\n" + body;
}

TEST_CASE("fault 96: whatever answers in a witness's place, nothing is kept", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    const std::string endless = "HTTP/1.1 200 OK\r\n\r\n" + std::string(60'000, 'x');
    const auto [answer, repeated] = GENERATE_COPY(table<std::string, FixedAnswer::Repeated>({
        {http("200 OK", ""), FixedAnswer::Repeated::no},
        {http("200 OK", "cosigned, believe me\n"), FixedAnswer::Repeated::no},
        {http("302 Found", "", "Location: http://127.0.0.1:1/\r\n"), FixedAnswer::Repeated::no},
        {http("400 Bad Request", "no\n"), FixedAnswer::Repeated::no},
        {http("403 Forbidden", "no\n"), FixedAnswer::Repeated::no},
        {http("404 Not Found", ""), FixedAnswer::Repeated::no},
        {http("409 Conflict", "x\n"), FixedAnswer::Repeated::no},
        {http("409 Conflict", "-1\n"), FixedAnswer::Repeated::no},
        {http("409 Conflict", "99999999999999999999\n"), FixedAnswer::Repeated::no},
        {http("409 Conflict", "7000\n"), FixedAnswer::Repeated::no},
        {http("409 Conflict", "0\n"), FixedAnswer::Repeated::no},
        {http("422 Unprocessable", ""), FixedAnswer::Repeated::no},
        {http("500 Oh", ""), FixedAnswer::Repeated::no},
        {"", FixedAnswer::Repeated::no},
        {"SSH-2.0-x\r\n", FixedAnswer::Repeated::no},
        {endless, FixedAnswer::Repeated::yes},
    }));
    const FixedAnswer place(answer, repeated);
    WitnessAnchorSetup setup = fixture.setup();
    setup.url = place.url();
    WitnessAnchor anchor(setup, fixture.log.clock);
    CHECK_FALSE(failure_of([&] { anchor.keep(fixture.checkpoint()); }).empty());
    CHECK_FALSE(fs::exists(fixture.file("memory")));
}

TEST_CASE("fault 96: a client that never ends its request keeps no other waiting", "[witness]") {
    WitnessFixture fixture;
    fixture.log.append({{.id = "1"}});
    std::vector<int> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        place.sin_port = htons(fixture.server->port());
        REQUIRE(::connect(slow.back(), reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
        const std::string begun =
            "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nold";
        REQUIRE(::send(slow.back(), begun.data(), begun.size(), MSG_NOSIGNAL) > 0);
    }
    WitnessAnchor(fixture.setup(), fixture.log.clock).keep(fixture.checkpoint());
    CHECK(fs::exists(fixture.file("memory")));
    for (const int socket : slow) {
        ::close(socket);
    }
}

TEST_CASE("an address to listen at has a host and a port", "[witness]") {
    CHECK(parse_listen_address("127.0.0.1:2025").value().port == 2025);
    CHECK(parse_listen_address("0.0.0.0:0").value().host == "0.0.0.0");
    for (const char* const text : {"",
                                   "2025",
                                   "localhost:1",
                                   "127.0.0.1",
                                   "127.0.0.1:",
                                   "127.0.0.1:65536",
                                   "127.0.0.1:-1",
                                   ":1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_listen_address(text).ok());
    }
}

}  // namespace
}  // namespace dcm::anchors
