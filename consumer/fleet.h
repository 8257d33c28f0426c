#pragma once

#include "base/instant.h"
#include "base/message.h"
#include "base/result.h"
#include "consumer/fleet_random.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dcm::consumer {

// In a thousand messages.
struct FleetMix {
    std::int64_t duplicates = 30;  // the same event published again
    std::int64_t resyncs = 60;     // the same status under a new id and time
    std::int64_t late = 20;        // published after events that are younger
    std::int64_t invalid = 10;
    std::int64_t flaps = 5;  // a status, another and the first again within milliseconds
};

struct FleetOptions {
    std::uint64_t seed = 1;
    // Alive at a time; a deleted one is followed by a new one.
    std::int64_t instances = 200;
    std::int64_t providers = 5;
    // Event times lie in it; the broker's own times are those of publishing.
    Period period;
    std::int64_t events = 20'000;
    FleetMix mix;
};

// What `events` messages of a fleet of virtual machines, containers and clusters look like, in the
// order in which they are published. The same options give the same messages everywhere. Pure.
class Fleet {
public:
    // Malformed when there is nobody, nothing or no time to report in.
    [[nodiscard]] static Result<Fleet> make(const FleetOptions& options);

    // The next message; nullopt after the last. Subject, headers and payload are set, no more.
    [[nodiscard]] std::optional<Message> next();

private:
    struct Provider {
        std::string source;
        std::string service_type;
        bool title_case = false;  // Running instead of RUNNING
        bool whole_seconds = false;
        bool binary = false;  // attributes in headers
    };
    struct Instance {
        std::size_t provider = 0;
        std::string id;
        std::string status;  // empty before the first
    };

    explicit Fleet(const FleetOptions& options);

    void make_providers();
    [[nodiscard]] Message step(Instant at);
    [[nodiscard]] Message fresh(Instant at);
    [[nodiscard]] Message flap(Instant at);
    [[nodiscard]] Message invalid(Instant at);
    void hold_back(Message message);
    void change_status(Instance& instance);
    [[nodiscard]] Instance& pick() { return slots_[index_below(slots_.size())]; }
    [[nodiscard]] std::size_t index_below(std::size_t size) {
        return static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(size)));
    }
    [[nodiscard]] Message report(const Instance& instance, Instant at);
    [[nodiscard]] std::string new_uuid();

    FleetOptions options_;
    FleetRandom random_;
    std::vector<Provider> providers_;
    std::vector<Instance> slots_;
    std::int64_t published_ = 0;
    // By the count of messages after which they are due.
    std::multimap<std::int64_t, Message> held_back_;
    std::deque<Message> recent_;
};

}  // namespace dcm::consumer
