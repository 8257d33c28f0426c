#pragma once

#include "base/clock.h"
#include "base/diagnosis.h"
#include "consumer/nats_connection.h"
#include "consumer/stream_setup.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace dcm::consumer {

// Looks at the broker, for people who operate it; changes nothing there. Each question waits for
// its answer a bounded time. The functions throw Failure when the broker does not answer.

// The server's version, and how far its clock and ours are apart.
[[nodiscard]] std::vector<Diagnosis> check_server(NatsConnection& connection,
                                                  const Clock& clock,
                                                  Duration skew_max);
// The stream, and what it may discard before it is read.
[[nodiscard]] std::vector<Diagnosis> check_stream(NatsConnection& connection,
                                                  const StreamNames& names);
// The durable, its settings and its backlog. It may begin where `terms` let it.
[[nodiscard]] std::vector<Diagnosis> check_group(NatsConnection& connection,
                                                 const StreamNames& names,
                                                 const DurableTerms& terms);

// The judgements by themselves. Pure.
[[nodiscard]] Diagnosis judge_server_version(const std::string& version);
struct ClockDifference {
    Duration ahead;  // of the broker's clock against ours; negative: behind
    Duration skew_max;
};
[[nodiscard]] Diagnosis judge_clocks(const ClockDifference& clocks);
// The `config` object of STREAM.INFO.
[[nodiscard]] std::vector<Diagnosis> judge_stream(const nlohmann::json& config);

}  // namespace dcm::consumer
