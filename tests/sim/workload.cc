#include "tests/sim/workload.h"

#include "base/instant.h"
#include "consumer/fleet_random.h"

#include <array>
#include <string>

namespace dcm::sim {
namespace {

constexpr std::int64_t kStart = 1'777'629'600;  // 2026-05-01T10:00:00Z
constexpr std::int64_t kInstances = 4;
constexpr std::int64_t kLateSecondsMax = 600;
constexpr std::array<const char*, 6> kWords = {
    "PROVISIONING", "RUNNING", "STOPPED", "RUNNING", "FAILED", "DELETED"};
// In a thousand.
constexpr std::int64_t kInvalid = 60;
constexpr std::int64_t kUnknownStatus = 60;
constexpr std::int64_t kRepeated = 120;

std::string payload_of(std::int64_t number, consumer::FleetRandom& random) {
    if (random.happens(kInvalid)) {
        return "no event " + std::to_string(number);
    }
    // The fraction keeps late ones apart from those that are on time.
    const Instant time{(kStart + number * 60 - random.below(kLateSecondsMax)) * kMicrosPerSecond +
                       number};
    const std::string instance = "i-" + std::to_string(random.below(kInstances));
    const auto word = static_cast<std::size_t>(random.below(kWords.size()));
    const std::string status = random.happens(kUnknownStatus) ? "EXPLODED" : kWords.at(word);
    return R"({"specversion":"1.0","id":"e)" + std::to_string(number) +
           R"(","source":"dcm/providers/p","type":"dcm.status.vm","time":")" +
           format_rfc3339(time) + R"(","data":{"id":")" + instance + R"(","status":")" + status +
           R"("}})";
}

}  // namespace

std::vector<Message> make_stream(std::int64_t messages, std::uint64_t seed) {
    consumer::FleetRandom random(seed);
    std::vector<Message> stream;
    for (std::int64_t number = 1; number <= messages; ++number) {
        const bool repeats = number > 1 && random.happens(kRepeated);
        const auto repeated = static_cast<std::size_t>(random.below(number - 1));
        Message message;
        message.subject = "dcm.vm";
        message.payload = repeats ? stream[repeated].payload : payload_of(number, random);
        message.store_time = Instant{(kStart + number * 60) * kMicrosPerSecond};
        message.stream_seq = number;
        message.position =
            BrokerPosition{"dcm-status", 7, number, message.store_time.micros * 1'000};
        message.ack_subject = "ack." + std::to_string(number);
        if (random.happens(200)) {
            message.headers.push_back({"X-Trace", std::to_string(number)});
        }
        stream.push_back(std::move(message));
    }
    return stream;
}

}  // namespace dcm::sim
