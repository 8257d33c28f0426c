#include "consumer/stream_setup.h"
#include "tests/consumer/nats_support.h"

namespace dcm::consumer {
namespace {

using nlohmann::json;

const StreamNames kNames;

DurableInfo attach_durable(NatsConnection& connection) {
    return ensure_durable(connection, kNames, WhenAbsent::create);
}

void create_durable(NatsConnection& connection, const json& changes) {
    json config = {{"durable_name", "dcm-billing"},
                   {"ack_policy", "explicit"},
                   {"deliver_policy", "all"},
                   {"max_deliver", -1}};
    config.update(changes);
    static_cast<void>(api(connection,
                          "CONSUMER.DURABLE.CREATE.dcm-status.dcm-billing",
                          {{"stream_name", "dcm-status"}, {"config", config}}));
}

TEST_CASE("the creation time of a stream is read to the nanosecond", "[nats]") {
    CHECK(parse_created_ns("1970-01-01T00:00:01Z").value() == 1'000'000'000);
    CHECK(parse_created_ns("1970-01-01T00:00:01.123456789Z").value() == 1'123'456'789);
    CHECK(parse_created_ns("1970-01-01T00:00:01.1Z").value() == 1'100'000'000);
    CHECK(parse_created_ns("1970-01-01T00:00:01.12345678Z").value() == 1'123'456'780);
    CHECK(parse_created_ns("1970-01-01T02:00:01.000000001+02:00").value() == 1'000'000'001);
    CHECK_FALSE(parse_created_ns("").ok());
    CHECK(parse_created_ns("2262-04-11T23:47:16.854774Z").ok());
    CHECK_FALSE(parse_created_ns("2262-04-11T23:47:16.854775Z").ok());
    CHECK(parse_created_ns("1677-09-21T00:12:43.145226Z").ok());
    CHECK_FALSE(parse_created_ns("1677-09-21T00:12:43.145225Z").ok());
    CHECK_FALSE(parse_created_ns("1013-06-15T10:00:00Z").ok());
}

TEST_CASE("names that cannot be part of a subject are malformed", "[nats]") {
    const std::string name = GENERATE(as<std::string>{}, "", "a.b", "a*", ">", "a b", "a/b");
    CAPTURE(name);
    CHECK_THROWS_AS(require_names({name, "ok"}), Failure);
    CHECK_THROWS_AS(require_names({"ok", name}), Failure);
}

TEST_CASE("an absent stream is refused and named together with the one that carries dcm.*",
          "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    CHECK_THROWS_WITH(ensure_stream(connection, kNames, WhenAbsent::refuse),
                      Catch::Contains("expected stream 'dcm-status'"));
    CHECK_THROWS_AS(ensure_stream(connection, kNames, WhenAbsent::refuse), Refused);
    static_cast<void>(api(connection,
                          "STREAM.CREATE.events",
                          {{"name", "events"}, {"subjects", json::array({"dcm.*"})}}));
    CHECK_THROWS_WITH(ensure_stream(connection, kNames, WhenAbsent::refuse),
                      Catch::Contains("carried by stream 'events'"));
    // A second stream over the same subjects is not made.
    CHECK_THROWS_WITH(ensure_stream(connection, kNames, WhenAbsent::create),
                      Catch::Contains("carried by stream 'events'"));
}

TEST_CASE("a stream without dcm.* is refused, one with more than dcm.* is taken", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    const auto subjects = [&](const json& list) {
        static_cast<void>(api(
            connection, "STREAM.CREATE.dcm-status", {{"name", "dcm-status"}, {"subjects", list}}));
    };
    SECTION("only some") {
        subjects({"dcm.vm", "dcm.container"});
        CHECK_THROWS_AS(ensure_stream(connection, kNames, WhenAbsent::refuse), Refused);
        CHECK_THROWS_WITH(ensure_stream(connection, kNames, WhenAbsent::refuse),
                          Catch::Contains("'dcm.vm', 'dcm.container'"));
    }
    SECTION("more") {
        subjects({"other.>", "dcm.>"});
        CHECK(ensure_stream(connection, kNames, WhenAbsent::refuse).created_ns > 0);
    }
}

TEST_CASE("provisioning makes a stream without caps and leaves an existing one alone", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    const StreamInfo made = ensure_stream(connection, kNames, WhenAbsent::create);
    const json config = api(connection, "STREAM.INFO.dcm-status")["config"];
    CHECK(config["subjects"] == json::array({"dcm.*"}));
    CHECK(config["retention"] == "limits");
    CHECK(config["storage"] == "file");
    CHECK(config["max_age"] == 0);
    CHECK(config["max_bytes"] == -1);
    CHECK(config["max_msgs"] == -1);
    static_cast<void>(store(connection, "dcm.vm", "x"));
    const StreamInfo again = ensure_stream(connection, kNames, WhenAbsent::create);
    CHECK(again.created_ns == made.created_ns);
    CHECK(again.messages == 1);
    CHECK(again.last_seq == 1);
}

TEST_CASE("the durable is created with the documented configuration", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_stream(connection);
    CHECK_THROWS_AS(ensure_durable(connection, kNames, WhenAbsent::refuse), Refused);
    CHECK_THROWS_AS(ensure_durable(connection, kNames, WhenAbsent::retry), Failure);
    const DurableInfo info = attach_durable(connection);
    CHECK(info.undelivered == 0);
    CHECK(info.unacknowledged == 0);
    CHECK(info.warnings.empty());
    const json config = api(connection, "CONSUMER.INFO.dcm-status.dcm-billing")["config"];
    CHECK(config["ack_policy"] == "explicit");
    CHECK(config["max_deliver"] == -1);
    CHECK(config["ack_wait"] == 30'000'000'000);
    CHECK(config["max_ack_pending"] == 20'000);
    CHECK(config["deliver_policy"] == "all");
    CHECK_FALSE(config.contains("filter_subject"));
    CHECK_FALSE(config.contains("deliver_subject"));
}

TEST_CASE("an existing harmless durable is left as it is", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_stream(connection);
    create_durable(connection,
                   {{"max_ack_pending", 77}, {"ack_wait", 9'000'000'000}, {"max_batch", 100}});
    const DurableInfo info = attach_durable(connection);
    CHECK(info.warnings.size() == 1);
    CHECK(info.batch_max == 100);
    const json config = api(connection, "CONSUMER.INFO.dcm-status.dcm-billing")["config"];
    CHECK(config["max_ack_pending"] == 77);
    CHECK(config["ack_wait"] == 9'000'000'000);
}

TEST_CASE("an existing durable that could lose events is refused", "[nats]") {
    const support::NatsServer server;
    NatsConnection connection(options_for(server));
    make_stream(connection);
    const json changes = GENERATE(json{{"max_deliver", 5}},
                                  json{{"ack_policy", "none"}, {"deliver_subject", "push"}},
                                  json{{"ack_policy", "all"}},
                                  json{{"filter_subject", "dcm.vm"}},
                                  json{{"deliver_policy", "new"}},
                                  json{{"headers_only", true}});
    CAPTURE(changes);
    create_durable(connection, changes);
    CHECK_THROWS_AS(attach_durable(connection), Refused);
    for (const auto& [name, value] : changes.items()) {
        CHECK_THROWS_WITH(attach_durable(connection), Catch::Contains(name));
    }
    // And it is still as it was.
    const json config = api(connection, "CONSUMER.INFO.dcm-status.dcm-billing")["config"];
    for (const auto& [name, value] : changes.items()) {
        CHECK(config[name] == value);
    }
}

}  // namespace
}  // namespace dcm::consumer
