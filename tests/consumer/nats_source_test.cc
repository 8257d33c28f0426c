#include "consumer/nats_source.h"

#include "tests/consumer/nats_support.h"

#include <set>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

TEST_CASE("messages come in order with subject, bytes and position", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    const std::string with_nul("a\0b", 3);
    static_cast<void>(store(connection, "dcm.vm", with_nul));
    static_cast<void>(store(connection, "dcm.container", ""));
    const auto messages = pull_all(source, 2);
    CHECK(messages[0].subject == "dcm.vm");
    CHECK(messages[0].payload == with_nul);
    CHECK(messages[0].headers.empty());
    CHECK(messages[0].stream_seq == 1);
    CHECK(messages[1].subject == "dcm.container");
    CHECK(messages[1].payload.empty());
    const StreamInfo stream = ensure_stream(connection, StreamNames{}, WhenAbsent::refuse);
    REQUIRE(messages[1].position.has_value());
    CHECK(messages[1].position->stream == "dcm-status");
    CHECK(messages[1].position->sequence == 2);
    CHECK(messages[1].position->created_ns == stream.created_ns);
    CHECK(messages[1].position->stored_ns >= messages[0].position->stored_ns);
    CHECK(messages[1].store_time.micros == messages[1].position->stored_ns / 1000);
}

TEST_CASE("acknowledged messages are done with, and then the durable is drained", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    CHECK(source.drained());
    store_numbered(connection, 1, 3);
    CHECK_FALSE(source.drained());
    const auto messages = pull_all(source, 3);
    // Nothing undelivered, but two unacknowledged.
    source.acknowledge(std::span(messages).first(1));
    CHECK_FALSE(source.drained());
    source.acknowledge(std::span(messages).subspan(1));
    CHECK(eventually([&] { return source.drained(); }));
    CHECK(durable_state(connection)["ack_floor"]["stream_seq"] == 3);
}

TEST_CASE("what another member has not acknowledged keeps the durable from being drained",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection first_connection(options_for(server));
    NatsConnection second_connection(options_for(server));
    NatsSource first(first_connection, source_options());
    first.attach();
    store_numbered(first_connection, 1, 2);
    const auto messages = pull_all(first, 2);
    NatsSource second(second_connection, source_options());
    CHECK_FALSE(second.drained());
    first.acknowledge(messages);
    CHECK(eventually([&] { return second.drained(); }));
}

TEST_CASE("a member that ends hands back what it has not returned", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection other_connection(options_for(server));
    {
        NatsSource source(connection, source_options());
        source.attach();
        store_numbered(connection, 1, 50);
        const auto taken = pull_all(source, 1);
        CHECK(eventually([&] { return durable_state(connection)["num_ack_pending"] == 50; }));
        source.acknowledge(taken);
    }
    // Far sooner than after ack_wait, or this gives up.
    NatsSource other(other_connection, source_options());
    std::set<std::string> seen;
    for (int tries = 0; tries < 50 && seen.size() < 49; ++tries) {
        seen.merge(payloads(other.pull(100, milliseconds(100))));
    }
    CHECK(seen.size() == 49);
    CHECK_FALSE(seen.contains("event 1"));
}

TEST_CASE("what was not acknowledged is delivered again with the same position", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_durable(connection, {{"ack_wait", 200'000'000}});
    NatsSource source(connection, source_options());
    store_numbered(connection, 1, 2);
    const auto first = pull_all(source, 2);
    const auto second = pull_all(source, 2);
    CHECK(payloads(first) == payloads(second));
    CHECK(first[0].position == second[0].position);
    CHECK(first[0].ack_subject != second[0].ack_subject);
}

TEST_CASE("more messages than a few requests hold come complete and once", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.batch = 50;
    NatsSource source(connection, options);
    source.attach();
    store_numbered(connection, 1, 1'001);
    const auto messages = pull_all(source, 1'001);
    CHECK(payloads(messages).size() == 1'001);
    CHECK(messages.back().stream_seq == 1'001);
    source.acknowledge(messages);
    CHECK(eventually([&] { return source.drained(); }));
}

TEST_CASE("a user message that looks like a status is a message", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    publish_with_headers(connection, {{"Status", "409"}, {"Description", "Consumer Deleted"}}, "");
    publish_with_headers(connection, {{"Status", "503"}}, "");
    const auto messages = pull_all(source, 2);
    CHECK(messages[0].payload.empty());
    CHECK(messages[0].headers ==
          std::vector<Header>{{"Description", "Consumer Deleted"}, {"Status", "409"}});
    REQUIRE(messages[1].headers.size() == 1);
    CHECK(messages[1].headers[0] == Header{"Status", "503"});
}

TEST_CASE("headers arrive sorted by name, a repeated one with all values in order", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    publish_with_headers(connection,
                         {{"ce-type", "dcm.status.vm"},
                          {"ce-id", "zwei"},
                          {"ce-id", "eins"},
                          {"CE-ID", "drei"},
                          {"ce-source", "ü%20\"x\""}},
                         "{}");
    const auto messages = pull_all(source, 1);
    CHECK(messages[0].headers == std::vector<Header>{{"CE-ID", "drei"},
                                                     {"ce-id", "zwei"},
                                                     {"ce-id", "eins"},
                                                     {"ce-source", "ü%20\"x\""},
                                                     {"ce-type", "dcm.status.vm"}});
}

TEST_CASE("a pull with nothing to deliver returns none, also when requests run out", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.expires = milliseconds(200);
    options.pull.heartbeat = milliseconds(50);
    NatsSource source(connection, options);
    // Longer than expiry and grace: several generations of requests end meanwhile.
    CHECK(source.pull(10, milliseconds(1500)).empty());
    store_numbered(connection, 1, 1);
    CHECK(source.pull(1, milliseconds(5000)).size() == 1);
}

TEST_CASE("fault 64: a server killed and restarted delivers the rest, nothing is missing",
          "[nats]") {
    support::NatsServer server;
    NatsConnection connection(options_for(server));
    std::vector<std::string> notices;
    NatsSourceOptions options = source_options();
    options.on_notice = [&](std::string_view text) { notices.emplace_back(text); };
    connection.ensure_open();
    // The server forgets acknowledgements when it is killed: what it forgot comes again after this.
    make_durable(connection, {{"ack_wait", 1'000'000'000}});
    NatsSource source(connection, options);
    store_numbered(connection, 1, 300);
    auto messages = pull_all(source, 100);
    source.acknowledge(messages);
    const std::int64_t created_ns = messages[0].position->created_ns;

    server.kill();
    CHECK(eventually([&] { return !connection.connected(); }));
    server.start();
    std::set<std::string> seen = payloads(messages);
    CHECK(eventually([&] {
        try {
            const auto more = source.pull(500, milliseconds(50));
            seen.merge(payloads(more));
            source.acknowledge(more);
            return source.drained();
        } catch (const Failure&) {
            return false;  // Away: again.
        }
    }));
    CHECK(seen.size() == 300);
    store_numbered(connection, 301, 1);
    const auto last = pull_all(source, 1);
    CHECK(last[0].payload == "event 301");
    CHECK(last[0].position->created_ns == created_ns);
    CHECK(notices.size() >= 2);
}

TEST_CASE("while the broker is away a pull says so, and drained too", "[nats]") {
    support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    server.kill();
    CHECK(eventually([&] { return !connection.connected(); }));
    CHECK_THROWS_WITH(source.pull(1, milliseconds(10)),
                      Catch::Contains("cannot connect to the broker"));
    CHECK_THROWS_WITH(source.drained(), Catch::Contains("cannot connect to the broker"));
}

TEST_CASE("a source whose broker is not there yet attaches once it is", "[nats]") {
    support::NatsServer server;
    server.kill();
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    CHECK_THROWS_WITH(source.pull(1, milliseconds(10)), Catch::Contains("cannot connect"));
    server.start();
    CHECK(source.pull(1, milliseconds(10)).empty());
    store_numbered(connection, 1, 1);
    CHECK(pull_all(source, 1).size() == 1);
}

TEST_CASE("a durable's own limits on requests are kept", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_durable(connection, {{"max_batch", 10}, {"max_expires", 1'000'000'000}});
    NatsSource source(connection, source_options());
    store_numbered(connection, 1, 35);
    CHECK(pull_all(source, 35).size() == 35);
}

TEST_CASE(
    "a durable that lets one request wait is read, and one whose requests are others' waited for",
    "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection other(options_for(server));
    make_durable(connection, {{"max_waiting", 1}});
    store_numbered(connection, 1, 35);
    NatsSource source(connection, source_options());
    source.acknowledge(pull_all(source, 35));
    CHECK(eventually([&] { return durable_state(other)["num_ack_pending"] == 0; }));
    SECTION("alone") {
        store_numbered(connection, 36, 3);
        CHECK(pull_all(source, 3).size() == 3);
    }
    SECTION("beside another member that asks for nothing else") {
        NatsSource late(other, source_options());
        CHECK(late.pull(1, milliseconds(300)).empty());
    }
}

TEST_CASE("messages that come all the time are as good as heartbeats", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection provider(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.heartbeat = milliseconds(200);
    std::vector<std::string> notices;
    options.on_notice = [&notices](std::string_view notice) { notices.emplace_back(notice); };
    NatsSource source(connection, options);
    make_stream(provider);
    const auto end = std::chrono::steady_clock::now() + milliseconds(2'800);  // twice a silence
    CHECK(eventually([&] {
        static_cast<void>(store(provider, "dcm.vm", "event"));
        source.acknowledge(source.pull(1, milliseconds(50)));
        return std::chrono::steady_clock::now() > end;
    }));
    CHECK(notices.empty());
}

TEST_CASE("a stream made anew while no request is outstanding has another position", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection admin(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.expires = milliseconds(50);
    options.pull.heartbeat = milliseconds(20);
    NatsSource source(connection, options);
    CHECK(source.pull(1, milliseconds(0)).empty());
    static_cast<void>(store(admin, "dcm.vm", "old"));
    const std::vector<Message> old = pull_all(source, 1);
    source.acknowledge(old);
    const auto over = std::chrono::steady_clock::now() + options.pull.expires + milliseconds(1000);
    CHECK(eventually([&] { return std::chrono::steady_clock::now() > over; }));

    static_cast<void>(api(admin, "STREAM.DELETE.dcm-status"));
    make_stream(admin);
    make_durable(admin, nlohmann::json::object());
    static_cast<void>(store(admin, "dcm.vm", "new"));
    const std::vector<Message> fresh = pull_all(source, 1);
    REQUIRE(fresh.size() == 1);
    CHECK(fresh.front().payload == "new");
    CHECK(fresh.front().position->created_ns != old.front().position->created_ns);
}

// A stream whose messages have arrived here, most of them not looked at yet.
TEST_CASE("what is held while the stream is made anew keeps the creation time of its own stream",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection admin(options_for(server));
    constexpr int count = 300;
    make_stream(admin);
    store_numbered(admin, 1, count);
    NatsSource source(connection, source_options());
    std::vector<Message> all = pull_all(source, 1);
    CHECK(eventually([&] { return durable_state(admin)["num_ack_pending"] == count; }));
    // cnats hands over what came before the answer to this.
    connection.flush();
    all.push_back(pull_all(source, 1).front());
    const std::int64_t created_ns = all.front().position->created_ns;

    static_cast<void>(api(admin, "STREAM.DELETE.dcm-status"));
    make_stream(admin);
    static_cast<void>(store(admin, "dcm.vm", "new"));
    natsConnection_Close(connection.handle());
    std::size_t held = 0;
    CHECK(eventually([&] {
        for (Message& message : source.pull(500, milliseconds(10))) {
            if (message.payload != "new") {
                ++held;
            }
            all.push_back(std::move(message));
        }
        return all.back().payload == "new";
    }));
    CHECK(held > 0);
    for (const Message& message : all) {
        INFO(message.payload << " at sequence " << message.stream_seq);
        CHECK((message.position->created_ns == created_ns) == (message.payload != "new"));
    }
    // The deliveries of the old durable are not those of the new one: nobody else reads it.
    source.acknowledge(all);
    std::optional<store::SourceState> state;
    CHECK(eventually([&] { return (state = source.state()).has_value(); }));
    CHECK_FALSE(state->shared);
}

TEST_CASE("large messages are asked for and returned a few at a time", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.bytes = std::int64_t{2} * 1'048'576;
    NatsSource source(connection, options);
    source.attach();
    constexpr std::size_t payload_bytes = 1'000'000;
    constexpr std::size_t count = 40;
    for (std::size_t number = 0; number < count; ++number) {
        static_cast<void>(store(
            connection, "dcm.vm", std::string(payload_bytes, static_cast<char>('0' + number))));
    }
    const auto messages = source.pull(count, milliseconds(10'000));
    CHECK(messages.size() == kPullBytesMax / payload_bytes + 1);
    // What was returned, and three requests of two messages each.
    const std::int64_t unacknowledged = durable_state(connection)["num_ack_pending"];
    CHECK(unacknowledged <= static_cast<std::int64_t>(messages.size()) + 6);
    source.acknowledge(messages);
    CHECK(payloads(pull_all(source, count - messages.size())).size() == count - messages.size());
}

TEST_CASE("a message larger than one request asks for is asked for with more", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.pull.bytes = 100;
    NatsSource source(connection, options);
    source.attach();
    static_cast<void>(store(connection, "dcm.vm", std::string(5'000, 'x')));
    store_numbered(connection, 1, 2);
    const auto messages = pull_all(source, 3);
    CHECK(messages[0].payload.size() == 5'000);
    CHECK(messages[2].payload == "event 2");
}

TEST_CASE("a durable that lets no request ask for the next message is told", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_durable(connection, {{"max_bytes", 1'000}});
    NatsSource source(connection, source_options());
    store_numbered(connection, 1, 2);
    CHECK(pull_all(source, 2).size() == 2);
    static_cast<void>(store(connection, "dcm.vm", std::string(5'000, 'x')));
    CHECK_THROWS_WITH(source.pull(1, milliseconds(10'000)), Catch::Contains("raise its max_bytes"));
}

TEST_CASE("a batch of none is malformed", "[nats]") {
    NatsConnection connection(NatsOptions{});
    NatsSourceOptions options;
    options.pull.batch = 0;
    CHECK_THROWS_AS(NatsSource(connection, options), Failure);
}

}  // namespace
}  // namespace dcm::consumer
