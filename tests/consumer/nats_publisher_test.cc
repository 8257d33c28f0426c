#include "consumer/publisher.h"
#include "tests/consumer/nats_support.h"

#include <set>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

Message event(const std::string& id) {
    Message message;
    message.subject = "dcm.vm";
    message.payload = R"({"specversion":"1.0","id":")" + id +
                      R"(","source":"dcm/providers/p","type":"dcm.status.vm",)" +
                      R"("time":"2026-05-01T00:00:00Z","data":{"id":"i","status":"RUNNING"}})";
    return message;
}

std::int64_t stored(NatsConnection& connection) {
    return api(connection, "STREAM.INFO.dcm-status")["state"]["messages"].get<std::int64_t>();
}

TEST_CASE("the message id is source and id in both modes, and absent where there is none",
          "[nats]") {
    CHECK(message_id(event("7")) == "dcm/providers/p 7");
    Message binary;
    binary.subject = "dcm.vm";
    binary.headers = {{"ce-specversion", "1.0"},
                      {"ce-id", "8"},
                      {"ce-source", "s"},
                      {"ce-type", "dcm.status.vm"}};
    binary.payload = "{}";
    CHECK(message_id(binary) == "s 8");
    Message nothing;
    nothing.payload = "no event";
    CHECK_FALSE(message_id(nothing).has_value());
}

TEST_CASE("what was published is stored in order, with headers and bytes", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    Publisher publisher(connection, PublisherOptions{});
    Message odd;
    odd.subject = "dcm.container";
    odd.payload = std::string("\0\xFF\n", 3);
    odd.headers = {{"ce-id", "1"}, {"ce-id", "2"}};
    publisher.publish(event("1"));
    publisher.publish(odd);
    publisher.finish();
    CHECK(publisher.counts() == PublishCounts{2, 2, 0});
    NatsSource source(connection, source_options());
    const auto messages = pull_all(source, 2);
    CHECK(messages[0].payload == event("1").payload);
    CHECK(messages[0].headers == std::vector<Header>{{"Nats-Msg-Id", "dcm/providers/p 1"}});
    CHECK(messages[1].subject == "dcm.container");
    CHECK(messages[1].payload == odd.payload);
    CHECK(messages[1].headers == odd.headers);
}

TEST_CASE("a duplicate is dropped by its message id, and stored where that is turned off",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    PublisherOptions options;
    options.message_ids = GENERATE(true, false);
    Publisher publisher(connection, options);
    for (const char* id : {"1", "2", "1", "2", "3"}) {
        publisher.publish(event(id));
    }
    publisher.finish();
    CHECK(publisher.counts() ==
          (options.message_ids ? PublishCounts{5, 3, 2} : PublishCounts{5, 5, 0}));
    CHECK(stored(connection) == (options.message_ids ? 3 : 5));
}

TEST_CASE("more messages than the window holds are all stored", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    PublisherOptions options;
    options.window = 16;
    Publisher publisher(connection, options);
    for (int number = 0; number < 1'000; ++number) {
        publisher.publish(event(std::to_string(number)));
    }
    publisher.finish();
    CHECK(publisher.counts() == PublishCounts{1'000, 1'000, 0});
    CHECK(stored(connection) == 1'000);
}

TEST_CASE("a subject that no stream takes is told", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    Publisher publisher(connection, PublisherOptions{});
    publisher.publish(event("1"));
    CHECK_THROWS_WITH(publisher.finish(), Catch::Contains("takes subject 'dcm.vm'"));
}

TEST_CASE("a message that cannot be published is malformed", "[nats]") {
    const support::NatsServer server("max_payload: 1000");
    NatsConnection connection(options_for(server));
    Publisher publisher(connection, PublisherOptions{});
    Message message = event("1");
    SECTION("too large") {
        message.payload.resize(1'001);
    }
    SECTION("a subject with blanks") {
        message.subject = "dcm vm";
    }
    SECTION("a wildcard subject") {
        message.subject = "dcm.*";
    }
    SECTION("no subject") {
        message.subject.clear();
    }
    try {
        publisher.publish(message);
        FAIL("expected a Failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == ErrorKind::malformed);
    }
}

TEST_CASE("after the server was killed and restarted every message is stored once", "[nats]") {
    support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    PublisherOptions options;
    options.answer_wait = milliseconds(500);
    Publisher publisher(connection, options);
    for (int number = 0; number < 500; ++number) {
        publisher.publish(event(std::to_string(number)));
        if (number == 250) {
            server.kill();
            server.start();
        }
    }
    publisher.finish();
    CHECK(publisher.counts().stored + publisher.counts().duplicates == 500);
    NatsSource source(connection, source_options());
    const auto count = static_cast<std::size_t>(stored(connection));
    CHECK(count == 500);
    std::set<std::string> seen;
    for (const Message& message : pull_all(source, count)) {
        seen.insert(message.payload);
    }
    CHECK(seen.size() == 500);
}

TEST_CASE("a broker that stays away ends the patience", "[nats]") {
    support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    PublisherOptions options;
    options.patience = milliseconds(200);
    Publisher publisher(connection, options);
    server.kill();
    publisher.publish(event("1"));
    CHECK_THROWS_WITH(publisher.finish(), Catch::Contains("no answer"));
}

TEST_CASE("a rate spreads the messages over time", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    connection.ensure_open();
    make_stream(connection);
    PublisherOptions options;
    options.per_second = 100;
    Publisher publisher(connection, options);
    for (int number = 0; number < 21; ++number) {
        publisher.publish(event(std::to_string(number)));
    }
    publisher.finish();
    // By the broker's own times: the 21st is due 200 ms after the first.
    NatsSource source(connection, source_options());
    const auto messages = pull_all(source, 21);
    CHECK(messages.back().position->stored_ns - messages.front().position->stored_ns >=
          190'000'000);
}

}  // namespace
}  // namespace dcm::consumer
