#include "consumer/debounce.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

constexpr Duration kWindow{5'000};

// Feeds events and keeps the names of what comes out.
class Feed {
public:
    void offer(const std::string& name, const std::string& instance, std::int64_t micros) {
        billing::StatusEvent event;
        event.service_type = "vm";
        event.instance = instance;
        event.time = Instant{micros};
        take(debounce_.offer(named(name), event));
    }
    void offer_rejected(const std::string& name) {
        take(debounce_.offer(named(name), billing::Rejection{}));
    }
    void offer_timeless(const std::string& name, const std::string& instance) {
        billing::StatusEvent event;
        event.service_type = "vm";
        event.instance = instance;
        event.time_source = billing::TimeSource::store;
        take(debounce_.offer(named(name), event));
    }
    void flush() { take(debounce_.flush()); }

    [[nodiscard]] const std::string& out() const { return out_; }
    [[nodiscard]] std::int64_t suppressed() const { return debounce_.suppressed(); }

private:
    static Message named(const std::string& name) {
        Message message;
        message.payload = name;
        return message;
    }
    void take(const std::vector<Message>& messages) {
        for (const Message& message : messages) {
            out_ += message.payload;
        }
    }

    Debounce debounce_{kWindow};
    std::string out_;
};

TEST_CASE("of a flapping status only the last of the window is passed on", "[debounce]") {
    Feed feed;
    feed.offer("r", "a", 1'000);
    feed.offer("e", "a", 2'000);
    feed.offer("R", "a", 5'999);
    CHECK(feed.out().empty());
    feed.flush();
    CHECK(feed.out() == "R");
    CHECK(feed.suppressed() == 2);
}

TEST_CASE("an event at the end of the window begins the next one", "[debounce]") {
    Feed feed;
    feed.offer("1", "a", 1'000);
    feed.offer("2", "a", 6'000);
    CHECK(feed.out() == "1");
    feed.flush();
    CHECK(feed.out() == "12");
    CHECK(feed.suppressed() == 0);
}

TEST_CASE("instances do not disturb each other and keep their order", "[debounce]") {
    Feed feed;
    feed.offer("a", "a", 1'000);
    feed.offer("b", "b", 2'000);
    feed.offer("A", "a", 3'000);
    feed.offer("c", "c", 6'500);
    CHECK(feed.out() == "A");
    feed.offer("d", "d", 7'000);
    CHECK(feed.out() == "Ab");
    feed.flush();
    CHECK(feed.out() == "Abcd");
    CHECK(feed.suppressed() == 1);
}

TEST_CASE("a late event passes at once and takes no newer one's place", "[debounce]") {
    Feed feed;
    feed.offer("new", "a", 100'000);
    feed.offer("old", "a", 1'000);
    feed.offer("elsewhere", "b", 1'000);
    CHECK(feed.out() == "oldelsewhere");
    feed.flush();
    CHECK(feed.out() == "oldelsewherenew");
    CHECK(feed.suppressed() == 0);
}

TEST_CASE("what has no instance or no time of its own passes at once", "[debounce]") {
    Feed feed;
    feed.offer("held", "a", 1'000);
    feed.offer_rejected("x");
    feed.offer_timeless("t", "a");
    CHECK(feed.out() == "xt");
}

TEST_CASE("a long run of windows is followed to its end", "[debounce]") {
    Feed feed;
    for (int round = 0; round < 1'000; ++round) {
        feed.offer("-", "a", std::int64_t{round} * 10'000);
        feed.offer("+", "a", round * 10'000 + 1);
    }
    feed.flush();
    CHECK(feed.out() == std::string(1'000, '+'));
    CHECK(feed.suppressed() == 1'000);
}

}  // namespace
}  // namespace dcm::consumer
