#include "anchors/anchor_stream.h"

#include "anchors/file_io.h"
#include "anchors/signer.h"
#include "audit/tree.h"
#include "consumer/jetstream_api.h"
#include "tests/store/store_fixture.h"
#include "tests/support/nats_server.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace dcm::anchors {
namespace {

using nlohmann::json;
using store::test::Fixture;

// A log, its key, and a stream of a real nats-server.
struct StreamFixture {
    Fixture log;
    support::NatsServer server;
    audit::SigningKey key = audit::SigningKey::from_seed(origin(), std::string(32, 'k'));

    static std::string origin() { return "test/audit/0123456789abcdef"; }

    [[nodiscard]] consumer::NatsOptions broker() const {
        consumer::NatsOptions options;
        options.urls = {server.url()};
        return options;
    }
    [[nodiscard]] StreamAnchorSetup setup() {
        return {broker(), "notes", origin(), log.directory.path() / "memory", log.url};
    }
    // The log's checkpoint as it is now.
    [[nodiscard]] SignedCheckpoint checkpoint() {
        const store::LogHead head = store::LogReader(log.database).head();
        const audit::Frontier tree = audit::Frontier::restore(head.size, head.frontier).value();
        return signed_as({origin(), tree.size(), tree.root()});
    }
    [[nodiscard]] SignedCheckpoint signed_as(const audit::Checkpoint& checkpoint) const {
        return {checkpoint, audit::sign_checkpoint(checkpoint, key), key.verifier()};
    }
    [[nodiscard]] json ask(const std::string& verb, const json& body = json::object()) const {
        consumer::NatsConnection connection(broker());
        return consumer::ask_jetstream(connection, verb, body.dump()).body;
    }
};

TEST_CASE("the stream is created so that it keeps all, and holds the newest note", "[nats]") {
    StreamFixture fixture;
    StreamAnchor anchor(fixture.setup());
    CHECK_FALSE(anchor.read());
    for (const char* const id : {"1", "2", "3"}) {
        fixture.log.append({{.id = id}});
        anchor.keep(fixture.checkpoint());
        anchor.keep(fixture.checkpoint());
        CHECK(anchor.read()->notes.rest() == fixture.checkpoint().note);
        CHECK(anchor.read()->written_at);
    }
    CHECK(anchor.warnings().empty());
    const json info = fixture.ask("STREAM.INFO.notes");
    CHECK(info["state"]["messages"] == 3);
    CHECK(info["config"]["deny_delete"] == true);
    CHECK(info["config"]["deny_purge"] == true);
    CHECK(info["config"]["discard"] == "new");
    CHECK(info["config"]["max_age"] == 0);
    CHECK(info["config"]["max_bytes"] == -1);
    CHECK(info["config"]["max_msgs"] == -1);
    // The server holds to it.
    CHECK(fixture.ask("STREAM.PURGE.notes").contains("error"));
    CHECK(fixture.ask("STREAM.MSG.DELETE.notes", {{"seq", 1}}).contains("error"));
}

TEST_CASE("fault 22: of two copies of a database only one can go on", "[nats]") {
    StreamFixture fixture;
    StreamAnchor anchor(fixture.setup());
    fixture.log.append({{.id = "1"}});
    anchor.keep(fixture.checkpoint());
    const SignedCheckpoint first = fixture.checkpoint();
    // The copy went on from here, with other events.
    const SignedCheckpoint copy =
        fixture.signed_as({StreamFixture::origin(), 2, audit::leaf_hash("copy")});
    StreamAnchorSetup elsewhere = fixture.setup();
    elsewhere.memory = fixture.log.directory.path() / "copy-memory";
    StreamAnchor of_copy(elsewhere);
    of_copy.keep(copy);
    CHECK_THROWS_AS(anchor.keep(first), Diverged);
    fixture.log.append({{.id = "2"}, {.id = "3"}});
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), Diverged);
    CHECK(anchor.read()->notes.rest() == copy.note);
}

TEST_CASE("a note whose acknowledgement or memory was lost is not appended twice", "[nats]") {
    StreamFixture fixture;
    fixture.log.append({{.id = "1"}});
    StreamAnchor(fixture.setup()).keep(fixture.checkpoint());
    std::filesystem::remove(fixture.setup().memory);
    StreamAnchor again(fixture.setup());
    again.keep(fixture.checkpoint());
    fixture.log.append({{.id = "2"}});
    again.keep(fixture.checkpoint());
    CHECK(fixture.ask("STREAM.INFO.notes")["state"]["messages"] == 2);
}

TEST_CASE("fault 25: a stream that was removed, or made again, is an anchor lost", "[nats]") {
    StreamFixture fixture;
    fixture.log.append({{.id = "1"}});
    StreamAnchor anchor(fixture.setup());
    anchor.keep(fixture.checkpoint());
    REQUIRE(fixture.ask("STREAM.DELETE.notes").contains("success"));
    CHECK_THROWS_WITH(anchor.read(), Catch::Contains("anchor lost") && Catch::Contains("gone"));
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), AnchorLost);
    CHECK(fixture.ask("STREAM.INFO.notes").contains("error"));
    {
        consumer::NatsConnection connection(fixture.broker());
        static_cast<void>(consumer::NoteStream(connection, "notes", "audit.anchor.x").create());
    }
    CHECK_THROWS_WITH(anchor.read(), Catch::Contains("made again"));
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), AnchorLost);
    // Once the operator has removed the memory, it begins anew.
    std::filesystem::remove(fixture.setup().memory);
    CHECK_NOTHROW(anchor.keep(fixture.checkpoint()));
}

TEST_CASE("fault 25: a stream with other settings is told, and notes removed from it are noticed",
          "[nats]") {
    StreamFixture fixture;
    REQUIRE_FALSE(fixture
                      .ask("STREAM.CREATE.notes",
                           {{"name", "notes"},
                            {"subjects", {"audit.anchor.>"}},
                            {"storage", "file"},
                            {"retention", "limits"},
                            {"discard", "old"},
                            {"num_replicas", 1}})
                      .contains("error"));
    fixture.log.append({{.id = "1"}});
    StreamAnchor anchor(fixture.setup());
    anchor.keep(fixture.checkpoint());
    CHECK(anchor.warnings().size() == 3);
    REQUIRE(fixture.ask("STREAM.PURGE.notes").contains("success"));
    CHECK_THROWS_WITH(anchor.read(), Catch::Contains("notes were removed"));
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), AnchorLost);
}

TEST_CASE("a message that the log's key did not sign stops only this anchor", "[nats]") {
    StreamFixture fixture;
    fixture.log.append({{.id = "1"}});
    StreamAnchor anchor(fixture.setup());
    anchor.keep(fixture.checkpoint());
    {
        consumer::NatsConnection connection(fixture.broker());
        static_cast<void>(connection.request("audit.anchor.0123456789abcdef", "rubbish"));
    }
    fixture.log.append({{.id = "2"}});
    CHECK_THROWS_WITH(anchor.keep(fixture.checkpoint()), Catch::Contains("somebody else"));
}

TEST_CASE("a stream of that name that carries something else is refused", "[nats]") {
    StreamFixture fixture;
    REQUIRE_FALSE(fixture.ask("STREAM.CREATE.notes", {{"name", "notes"}, {"subjects", {"dcm.*"}}})
                      .contains("error"));
    fixture.log.append({{.id = "1"}});
    StreamAnchor anchor(fixture.setup());
    CHECK_THROWS_WITH(anchor.keep(fixture.checkpoint()), Catch::Contains("expected it to carry"));
}

TEST_CASE("a broker that is away is a failure, and the anchor goes on when it is back", "[nats]") {
    StreamFixture fixture;
    fixture.log.append({{.id = "1"}});
    StreamAnchor anchor(fixture.setup());
    anchor.keep(fixture.checkpoint());
    fixture.server.kill();
    fixture.log.append({{.id = "2"}});
    CHECK_THROWS_AS(anchor.keep(fixture.checkpoint()), Failure);
    fixture.server.start();
    StreamAnchor next(fixture.setup());
    next.keep(fixture.checkpoint());
    CHECK(next.read()->notes.rest() == fixture.checkpoint().note);
}

}  // namespace
}  // namespace dcm::anchors
