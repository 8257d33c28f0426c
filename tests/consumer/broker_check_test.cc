#include "consumer/broker_check.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::consumer {
namespace {

using nlohmann::json;

json sound_stream() {
    return {{"retention", "limits"},
            {"storage", "file"},
            {"num_replicas", 3},
            {"discard", "old"},
            {"max_msgs", -1},
            {"max_bytes", -1},
            {"max_age", 0}};
}

bool all_fine(const std::vector<Diagnosis>& found) {
    return std::all_of(found.begin(), found.end(), [](const Diagnosis& one) {
        return one.severity == Severity::ok;
    });
}

TEST_CASE("a server older than 2.9 or of no known version is a warning", "[broker_check]") {
    for (const char* const version : {"2.9.0", "2.9.10", "2.10.1", "3.0.0"}) {
        CHECK(judge_server_version(version).severity == Severity::ok);
    }
    for (const char* const version : {"2.8.4", "1.12", "", "two"}) {
        CHECK(judge_server_version(version).severity == Severity::warn);
    }
}

TEST_CASE("clocks a second apart are a warning, further than the skew allowed a failure",
          "[broker_check]") {
    const auto severity = [](std::int64_t ahead) {
        return judge_clocks({Duration{ahead}, Duration{5 * kMicrosPerSecond}}).severity;
    };
    for (const std::int64_t sign : {-1, 1}) {
        CHECK(severity(sign * kMicrosPerSecond) == Severity::ok);
        CHECK(severity(sign * (kMicrosPerSecond + 1)) == Severity::warn);
        CHECK(severity(sign * 5 * kMicrosPerSecond) == Severity::warn);
        CHECK(severity(sign * (5 * kMicrosPerSecond + 1)) == Severity::fail);
    }
}

TEST_CASE("a stream is told for everything that may lose what was not read", "[broker_check]") {
    CHECK(all_fine(judge_stream(sound_stream())));
    const std::vector<json> changes{{{"storage", "memory"}},
                                    {{"num_replicas", 1}},
                                    {{"retention", "workqueue"}},
                                    {{"max_age", 3'600'000'000'000}},
                                    {{"max_msgs", 1'000}},
                                    {{"max_bytes", 1'000'000}},
                                    {{"max_msgs_per_subject", 5}},
                                    {{"discard", "new"}, {"max_msgs", 1'000}}};
    for (const json& change : changes) {
        json config = sound_stream();
        config.update(change);
        CAPTURE(change.dump());
        CHECK_FALSE(all_fine(judge_stream(config)));
    }
}

}  // namespace
}  // namespace dcm::consumer
