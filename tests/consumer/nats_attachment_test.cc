#include "consumer/attachment.h"
#include "consumer/nats_source.h"
#include "consumer/stored_message.h"
#include "tests/consumer/nats_support.h"

#include <array>
#include <optional>
#include <set>

namespace dcm::consumer {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

TEST_CASE("fault 69: after the stream was made anew its messages have another position", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    store_numbered(connection, 1, 1);
    const auto before = pull_all(source, 1);
    static_cast<void>(api(connection, "STREAM.DELETE.dcm-status"));
    CHECK_THROWS_AS(
        [&] {
            while (true) {
                static_cast<void>(source.pull(1, milliseconds(500)));
            }
        }(),
        Failure);
    make_stream(connection);
    store_numbered(connection, 1, 1);
    const auto after = pull_all(source, 1);
    CHECK(after[0].stream_seq == before[0].stream_seq);
    CHECK(after[0].position->created_ns != before[0].position->created_ns);
}

TEST_CASE("fault 68: a durable deleted while in use is created again behind what is acknowledged",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    std::vector<std::string> notices;
    NatsSourceOptions options = source_options();
    options.on_notice = [&](std::string_view text) { notices.emplace_back(text); };
    NatsSource source(connection, options);
    source.attach();
    store_numbered(connection, 1, 3);
    source.acknowledge(pull_all(source, 3));
    // It has heard of the acknowledgements.
    CHECK(eventually([&] { return source.drained(); }));
    static_cast<void>(api(connection, "CONSUMER.DELETE.dcm-status.dcm-billing"));
    store_numbered(connection, 4, 1);
    const auto after = pull_all(source, 1);
    CHECK(after[0].payload == "event 4");
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].find("begins at sequence 4") != std::string::npos);
    const json config = durable_state(connection)["config"];
    CHECK(config["deliver_policy"] == "by_start_sequence");
    CHECK(config["opt_start_seq"] == 4);
}

TEST_CASE("fault 68: a durable altered harmfully while in use is refused at the next look",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.review_interval = milliseconds(0);
    NatsSource source(connection, options);
    CHECK(source.pull(1, milliseconds(10)).empty());
    CHECK(source.state().has_value());
    make_durable(connection,
                 {{"ack_wait", 30'000'000'000}, {"max_ack_pending", 20'000}, {"max_deliver", 3}});
    CHECK_THROWS_AS(source.state(), Refused);
    CHECK_THROWS_AS(source.drained(), Refused);
}

TEST_CASE("fault 68: what was not recorded when the durable was deleted is delivered again",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    store_numbered(connection, 1, 5);
    const auto before = pull_all(source, 5);
    source.acknowledge(std::span(before).first(2));
    static_cast<void>(api(connection, "CONSUMER.DELETE.dcm-status.dcm-billing"));
    CHECK(payloads(pull_all(source, 5)) == payloads(before));
}

TEST_CASE("fault 68: a durable that we created again has its filter and is ours after a restart",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    static_cast<void>(api(connection,
                          "STREAM.CREATE.dcm-status",
                          {{"name", "dcm-status"}, {"subjects", {"dcm.>"}}, {"storage", "file"}}));
    const json config = {
        {"durable_name", "dcm-billing"}, {"ack_policy", "explicit"}, {"filter_subject", "dcm.*"}};
    static_cast<void>(api(connection,
                          "CONSUMER.DURABLE.CREATE.dcm-status.dcm-billing",
                          {{"stream_name", "dcm-status"}, {"config", config}}));
    NatsSourceOptions options = source_options();
    {
        NatsSource source(connection, options);
        source.attach();
        store_numbered(connection, 1, 3);
        const auto messages = pull_all(source, 3);
        source.acknowledge(messages);
        CHECK(eventually([&] { return source.drained(); }));
        static_cast<void>(api(connection, "CONSUMER.DELETE.dcm-status.dcm-billing"));
        static_cast<void>(store(connection, "dcm.internal.note", "no event"));
        store_numbered(connection, 4, 1);
        CHECK(pull_all(source, 1)[0].payload == "event 4");
        options.recorded.push_back(*messages.back().position);
    }
    CHECK(durable_state(connection)["config"]["opt_start_seq"] == 4);
    CHECK(durable_state(connection)["config"]["filter_subject"] == "dcm.*");
    NatsSource restarted(connection, options);
    CHECK_NOTHROW(restarted.attach());
}

TEST_CASE("fault 69: nothing is said about a message once its durable is another one", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSource source(connection, source_options());
    source.attach();
    store_numbered(connection, 1, 5);
    const std::vector<Message> before = pull_all(source, 5);
    SECTION("on a stream that was made anew") {
        static_cast<void>(api(connection, "STREAM.DELETE.dcm-status"));
        make_stream(connection);
        store_numbered(connection, 1, 5);
    }
    SECTION("on the same stream") {
        static_cast<void>(api(connection, "CONSUMER.DELETE.dcm-status.dcm-billing"));
    }
    const std::vector<Message> after = pull_all(source, 5);
    CHECK(after[0].stream_seq == before[0].stream_seq);
    // Both have the same subject for it.
    source.acknowledge(before);
    connection.flush();
    CHECK(durable_state(connection)["num_ack_pending"] == 5);
    source.acknowledge(after);
    connection.flush();
    CHECK(eventually([&] { return durable_state(connection)["num_ack_pending"] == 0; }));
}

TEST_CASE("fault 69: nothing is said to another broker about a message of the first", "[nats]") {
    std::array<support::NatsServer, 2> servers;
    NatsOptions both;
    both.urls.clear();
    for (const support::NatsServer& server : servers) {
        both.urls.push_back(server.url());
        NatsConnection provider(options_for(server));
        make_stream(provider);
        store_numbered(provider, 1, 5);
    }
    servers[1].kill();
    NatsConnection connection(both);
    NatsSource source(connection, source_options());
    const std::vector<Message> before = pull_all(source, 5);
    servers[1].start();
    servers[0].kill();
    const std::vector<Message> after = pull_all(source, 5);
    source.acknowledge(before);
    connection.flush();
    NatsConnection admin(options_for(servers[1]));
    CHECK(durable_state(admin)["num_ack_pending"] == 5);
}

TEST_CASE("a durable that is not there begins behind what is accounted for", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_stream(connection);
    store_numbered(connection, 1, 5);
    const std::int64_t created_ns =
        ensure_stream(connection, StreamNames{}, WhenAbsent::refuse).created_ns;
    NatsSourceOptions options = source_options();
    SECTION("on that stream") {
        options.accounted = {{created_ns, 3}, {created_ns + 1, 5}};
        NatsSource source(connection, options);
        CHECK(pull_all(source, 2)[0].stream_seq == 4);
        CHECK(source.pull(1, milliseconds(10)).empty());
    }
    SECTION("not when the stream ends before it") {
        options.accounted = {{created_ns, 6}};
        NatsSource source(connection, options);
        CHECK(pull_all(source, 5)[0].stream_seq == 1);
    }
}

// As if they were recorded of a stream that has lost them since: others are in their place.
std::vector<Message> others_in_place_of(std::vector<Message> messages) {
    for (Message& message : messages) {
        --message.position->stored_ns;
    }
    return messages;
}

TEST_CASE("fault 70: a lost end shows although the newest message behind it was deleted",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.review_interval = milliseconds(0);
    NatsSource source(connection, options);
    source.attach();
    store_numbered(connection, 1, 10);
    source.acknowledge(pull_all(source, 10));
    store_numbered(connection, 11, 10);
    source.acknowledge(others_in_place_of(pull_all(source, 10)));
    static_cast<void>(api(connection, "STREAM.MSG.DELETE.dcm-status", {{"seq", 20}}));
    CHECK(eventually([&] {
        static_cast<void>(source.state());
        static_cast<void>(source.pull(1, milliseconds(1)));
        return source.rewind().has_value();
    }));
}

TEST_CASE("fault 70: a lost end shows when the stream comes back after another of its name",
          "[nats]") {
    std::array<support::NatsServer, 2> servers;
    NatsOptions both;
    NatsSourceOptions options = source_options();
    both.urls.clear();
    for (const support::NatsServer& server : servers) {
        both.urls.push_back(server.url());
        NatsConnection provider(options_for(server));
        make_stream(provider);
        store_numbered(provider, 1, 5);
        // Recorded of it, and not what it holds.
        options.recorded.push_back(
            {"dcm-status",
             ensure_stream(provider, StreamNames{}, WhenAbsent::refuse).created_ns,
             5,
             1});
    }
    options.recorded.pop_back();
    servers[0].kill();
    NatsConnection connection(both);
    NatsSource source(connection, options);
    source.acknowledge(pull_all(source, 5));
    CHECK_FALSE(source.rewind().has_value());
    servers[0].start();
    servers[1].kill();
    CHECK(eventually([&] {
        try {
            static_cast<void>(source.pull(1, milliseconds(10)));
            return source.rewind().has_value();
        } catch (const Failure&) {
            return false;  // on the way to the other broker
        }
    }));
}

TEST_CASE("the broker's word is passed on when what it had delivered is acknowledged", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.review_interval = milliseconds(0);
    NatsSource source(connection, options);
    CHECK_FALSE(source.state().has_value());  // not attached
    source.attach();
    const auto first = source.state();
    REQUIRE(first.has_value());
    CHECK(first->untouched);
    CHECK(first->settled_to == 0);
    store_numbered(connection, 1, 3);
    const auto messages = pull_all(source, 3);
    CHECK_FALSE(source.state().has_value());
    source.acknowledge(std::span(messages).first(2));
    CHECK_FALSE(source.state().has_value());
    source.acknowledge(std::span(messages).subspan(2));
    const auto second = source.state();
    REQUIRE(second.has_value());
    CHECK_FALSE(second->untouched);
    CHECK_FALSE(second->shared);
    CHECK(second->last_sequence == 3);
    CHECK(eventually([&] {
        const auto state = source.state();
        return state.has_value() && state->settled_to == 3;
    }));
}

TEST_CASE("fault 73: with other members of the group nothing is said about holes", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection other_connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.review_interval = milliseconds(0);
    options.pull.batch = 1;
    NatsSource source(connection, options);
    NatsSource other(other_connection, options);
    CHECK(source.pull(1, milliseconds(10)).empty());
    CHECK(other.pull(1, milliseconds(10)).empty());
    // It found somebody's requests.
    CHECK_FALSE(other.state().has_value());
    // It was the first, and finds out by the numbers of the deliveries.
    std::set<std::string> taken;
    for (int number = 0; number < 20; ++number) {
        store_numbered(connection, number, 1);
        CHECK(eventually([&] {
            const auto mine = source.pull(1, milliseconds(1));
            const auto others = other.pull(1, milliseconds(1));
            source.acknowledge(mine);
            other.acknowledge(others);
            return !mine.empty() || !others.empty();
        }));
    }
    const auto state = source.state();
    REQUIRE(state.has_value());
    CHECK(state->shared);
}

TEST_CASE("fault 73: requests that a member has left behind hide no holes for good", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    NatsConnection other_connection(options_for(server));
    NatsSourceOptions options = source_options();
    options.review_interval = milliseconds(0);
    std::optional<NatsSource> other;
    other.emplace(other_connection, options);
    CHECK(other->pull(1, milliseconds(10)).empty());
    CHECK(other->drained());  // the server has its request, too
    NatsSource source(connection, options);
    CHECK(source.pull(1, milliseconds(10)).empty());
    CHECK_FALSE(source.state().has_value());
    other.reset();
    CHECK(eventually([&] {
        CHECK(source.pull(1, milliseconds(1)).empty());
        const auto state = source.state();
        return state.has_value() && !state->shared;
    }));
}

TEST_CASE("a stored message is read as it is delivered", "[nats]") {
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
                         std::string("a\0b", 3));
    publish_with_headers(connection, {{"Status", "404"}}, "");
    static_cast<void>(store(connection, "dcm.vm", ""));
    static_cast<void>(store(connection, "dcm.vm", "deleted"));
    static_cast<void>(store(connection, "dcm.vm", "last"));
    auto delivered = pull_all(source, 5);
    static_cast<void>(api(connection, "STREAM.MSG.DELETE.dcm-status", {{"seq", 4}}));
    const StoredMessages part = source.fetch({1, 2}, 250);
    CHECK(part.messages.size() == 2);
    CHECK(part.looked_to == 2);
    CHECK(source.fetch({1, 5}, 1).looked_to == 1);
    const StoredMessages stored = source.fetch({1, 9}, 250);
    CHECK(stored.refusal.empty());
    CHECK(stored.looked_to == 9);
    REQUIRE(stored.messages.size() == 4);
    delivered.erase(delivered.begin() + 3);
    for (std::size_t index = 0; index < delivered.size(); ++index) {
        const Message& one = stored.messages[index];
        CHECK(one.subject == delivered[index].subject);
        CHECK(one.headers == delivered[index].headers);
        CHECK(one.payload == delivered[index].payload);
        CHECK(one.position == delivered[index].position);
        CHECK(one.stream_seq == delivered[index].stream_seq);
        CHECK(one.store_time == delivered[index].store_time);
        CHECK(one.ack_subject.empty());
    }
    CHECK(source.fetch({4, 4}, 250).messages.empty());
}

TEST_CASE("large stored messages are read a few at a time", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_stream(connection);
    const std::string payload(1'000'000, 'x');
    for (int count = 0; count < 10; ++count) {
        static_cast<void>(store(connection, "dcm.vm", payload));
    }
    const StoredMessages found =
        read_stored(connection, {"dcm-status", 1}, {1, 10}, /*count_max=*/250);
    CHECK(found.messages.size() == 9);
    CHECK(found.looked_to == 9);
}

TEST_CASE("a header block is read line by line", "[nats]") {
    CHECK(parse_header_block("").empty());
    CHECK(parse_header_block("NATS/1.0\r\n\r\n").empty());
    CHECK(parse_header_block("NATS/1.0 503\r\n\r\n").empty());
    CHECK(parse_header_block("NATS/1.0\r\nb:  2 \r\na:\r\nnone\r\n: x\r\nb:1\r\n\r\n") ==
          std::vector<Header>{{"a", ""}, {"b", "2"}, {"b", "1"}});
}

}  // namespace
}  // namespace dcm::consumer
