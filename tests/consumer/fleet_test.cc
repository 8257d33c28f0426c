#include "consumer/fleet.h"

#include "consumer/debounce.h"
#include "consumer/decode.h"
#include "consumer/fleet_lifecycle.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>

namespace dcm::consumer {
namespace {

FleetOptions options() {
    FleetOptions options;
    options.period = {value_or_throw(parse_rfc3339("2026-05-01T00:00:00Z")),
                      value_or_throw(parse_rfc3339("2026-06-01T00:00:00Z"))};
    return options;
}

std::vector<Message> messages_of(const FleetOptions& options) {
    Fleet fleet = value_or_throw(Fleet::make(options));
    std::vector<Message> all;
    while (auto message = fleet.next()) {
        all.push_back(std::move(*message));
    }
    return all;
}

billing::Decision decide(Message message) {
    message.store_time = value_or_throw(parse_rfc3339("2026-07-01T00:00:00Z"));
    return decode(message, rules::standard_lifecycle(), DecodeLimits{});
}

// FNV-1a over all that is published.
std::uint64_t digest_of(const std::vector<Message>& messages) {
    std::uint64_t digest = 0xCBF29CE484222325U;
    const auto add = [&](std::string_view text) {
        for (const char letter : text) {
            digest = (digest ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
        }
        digest = (digest ^ 0xFFU) * 0x100000001B3U;
    };
    for (const Message& message : messages) {
        add(message.subject);
        for (const Header& header : message.headers) {
            add(header.name);
            add(header.value);
        }
        add(message.payload);
    }
    return digest;
}

TEST_CASE("the generator gives the published numbers of SplitMix64", "[fleet]") {
    FleetRandom random(1234567);
    CHECK(random.next() == 6457827717110365317U);
    CHECK(random.next() == 3203168211198807973U);
    CHECK(random.next() == 9817491932198370423U);
}

TEST_CASE("a seed gives the same messages everywhere, another seed others", "[fleet]") {
    FleetOptions fleet = options();
    fleet.events = 2'000;
    const std::uint64_t first = digest_of(messages_of(fleet));
    CHECK(first == digest_of(messages_of(fleet)));
    // Fixed: a change here changes every demo and every recorded figure.
    CHECK(first == 906715773903524943U);
    fleet.seed = 2;
    CHECK(digest_of(messages_of(fleet)) != first);
}

TEST_CASE("a fleet has as many messages as asked for, with every manner in them", "[fleet]") {
    const auto messages = messages_of(options());
    CHECK(messages.size() == 20'000);
    const Period period = options().period;
    std::set<std::string> types;
    std::set<std::string> sources;
    std::map<std::string, int> ids;
    std::map<std::string, int> words;
    int rejected = 0;
    int binary = 0;
    int late = 0;
    Instant latest = period.start;
    for (const Message& message : messages) {
        const billing::Decision decision = decide(message);
        const auto* event = std::get_if<billing::StatusEvent>(&decision);
        if (event == nullptr) {
            ++rejected;
            continue;
        }
        types.insert(event->service_type);
        sources.insert(event->source);
        ++ids[event->source + event->id];
        ++words[event->status];
        binary += message.headers.empty() ? 0 : 1;
        // One hour: more than the step between two events and a flap.
        late += event->time + Duration{3'600 * kMicrosPerSecond} < latest ? 1 : 0;
        latest = std::max(latest, event->time);
        REQUIRE(period.contains(event->time));
        CHECK(event->flags == billing::Flags{});
    }
    int duplicates = 0;
    for (const auto& [id, count] : ids) {
        duplicates += count - 1;
    }
    CHECK(types == std::set<std::string>{"cluster", "container", "vm"});
    CHECK(sources.size() == 5);
    CHECK(rejected > 100);
    CHECK(rejected < 400);
    CHECK(duplicates > 300);
    CHECK(duplicates < 1'000);
    CHECK(late > 100);
    CHECK(binary > 1'000);
    for (const char* word : {"RUNNING", "STOPPED", "DELETED", "ACTIVE", "PENDING"}) {
        CAPTURE(word);
        CHECK(words[word] > 20);
    }
    // Near the end of the month there is still life.
    CHECK(period.end - latest < Duration{3'600 * kMicrosPerSecond});
}

TEST_CASE("without disturbances every message is accepted and none comes twice", "[fleet]") {
    FleetOptions fleet = options();
    fleet.events = 3'000;
    fleet.mix = {0, 0, 0, 0, 0};
    fleet.providers = 1;
    std::set<std::string> ids;
    Instant before = fleet.period.start;
    for (const Message& message : messages_of(fleet)) {
        const billing::Decision decision = decide(message);
        const auto* event = std::get_if<billing::StatusEvent>(&decision);
        REQUIRE(event != nullptr);
        CHECK(ids.insert(event->id).second);
        CHECK(before <= event->time);
        before = event->time;
    }
}

TEST_CASE("debouncing a fleet takes its flapping away", "[fleet]") {
    FleetOptions fleet = options();
    fleet.mix = {0, 0, 0, 0, 100};
    // One provider, so that no time is cut to whole seconds.
    fleet.providers = 1;
    Debounce debounce(Duration{10'000});
    std::size_t passed = 0;
    for (const Message& message : messages_of(fleet)) {
        passed += debounce.offer(message, decide(message)).size();
    }
    passed += debounce.flush().size();
    CHECK(debounce.suppressed() > 1'000);
    CHECK(passed + static_cast<std::size_t>(debounce.suppressed()) == 20'000);
}

TEST_CASE("the smallest fleet is one message, and less is malformed", "[fleet]") {
    FleetOptions fleet = options();
    fleet.instances = 1;
    fleet.providers = 1;
    fleet.events = 1;
    fleet.period.end = Instant{fleet.period.start.micros + 1};
    CHECK(messages_of(fleet).size() == 1);
    SECTION("no instance") {
        fleet.instances = 0;
    }
    SECTION("no provider") {
        fleet.providers = 0;
    }
    SECTION("more providers than instances") {
        fleet.providers = 2;
    }
    SECTION("no event") {
        fleet.events = 0;
    }
    SECTION("too many events") {
        fleet.events = 1'000'000'001;
    }
    SECTION("no time") {
        fleet.period.end = fleet.period.start;
    }
    SECTION("less than a microsecond for each") {
        fleet.events = 2;
    }
    CHECK_FALSE(Fleet::make(fleet).ok());
}

TEST_CASE("from every status of a life there is a way to its end", "[fleet]") {
    const std::string type = GENERATE("vm", "container", "cluster");
    FleetRandom random(7);
    int ends = 0;
    std::string status;
    for (int steps = 0; steps < 10'000; ++steps) {
        status = next_status(type, status, random);
        CHECK(rules::standard_lifecycle().status_of(type, status).has_value());
        if (status == kDeletedStatus) {
            ++ends;
            status.clear();
        }
    }
    CHECK(ends > 100);
}

}  // namespace
}  // namespace dcm::consumer
