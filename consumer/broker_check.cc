#include "consumer/broker_check.h"

#include "consumer/durable_check.h"
#include "consumer/jetstream_api.h"

#include <charconv>
#include <cstdlib>

namespace dcm::consumer {
namespace {

using nlohmann::json;

// What every account may ask; the answer carries the server's version and time.
constexpr const char* kServerQuestion = "$SYS.REQ.ACCOUNT.PING.STATZ";
constexpr std::int64_t kOldestMajor = 2;
constexpr std::int64_t kOldestMinor = 9;
constexpr std::int64_t kClocksApartMicros = kMicrosPerSecond;
constexpr std::int64_t kReplicasSafe = 3;

// The number at `from`, which is moved behind it and the dot; -1 when there is none.
std::int64_t next_number(const std::string& text, std::size_t& from) {
    std::int64_t number = -1;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + std::min(from, text.size()), end, number);
    from = static_cast<std::size_t>(parsed.ptr - text.data()) + 1;
    return number;
}

// A limit of a stream; 0 and -1 are none.
std::string limit(const json& config, const std::string& name, const std::string& unit) {
    const std::int64_t value = number_member(config, name);
    return value > 0 ? name + ' ' + std::to_string(value) + unit : "";
}

std::string limits_of(const json& config) {
    std::string text;
    const std::int64_t age = number_member(config, "max_age");
    const std::string shown_age =
        age > 0 ? "max_age " + std::to_string(age / kNanosPerSecond) + " s" : "";
    for (const std::string& one : {shown_age,
                                   limit(config, "max_msgs", ""),
                                   limit(config, "max_bytes", " bytes"),
                                   limit(config, "max_msgs_per_subject", "")}) {
        text += (text.empty() || one.empty() ? "" : ", ") + one;
    }
    return text;
}

Diagnosis judge_limits(const json& config) {
    const std::string limits = limits_of(config);
    const std::string retention = text_member(config, "retention");
    if (retention != "limits") {
        return {Severity::warn,
                "stream limits",
                "retention is " + retention + ", so messages go once they are acknowledged",
                "use limits retention, or no stream is left to read again from"};
    }
    if (limits.empty()) {
        return {Severity::ok, "stream limits", "no cap on age, number or size", ""};
    }
    if (text_member(config, "discard") == "new" && number_member(config, "max_age") <= 0) {
        return {Severity::warn,
                "stream limits",
                limits + ": a full stream refuses new messages",
                "watch the stream's size"};
    }
    return {Severity::warn,
            "stream limits",
            limits + ": what is older is discarded, read or not",
            "keep them above the longest outage of this consumer"};
}

json ask_or_throw(NatsConnection& connection, const std::string& verb) {
    ApiAnswer answer = ask_jetstream(connection, verb, "");
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment, verb + ": " + in_words(answer));
    }
    return std::move(answer.body);
}

Diagnosis backlog_of(const json& info) {
    return {Severity::ok,
            "backlog",
            std::to_string(number_member(info, "num_pending")) + " undelivered, " +
                std::to_string(number_member(info, "num_ack_pending")) + " unacknowledged",
            ""};
}

}  // namespace

Diagnosis judge_server_version(const std::string& version) {
    std::size_t at = 0;
    const std::int64_t major = next_number(version, at);
    const std::int64_t minor = next_number(version, at);
    if (major > kOldestMajor || (major == kOldestMajor && minor >= kOldestMinor)) {
        return {Severity::ok, "server", "nats-server " + version, ""};
    }
    return {Severity::warn,
            "server",
            "nats-server " + (version.empty() ? "of an unknown version" : version),
            "2.9 or newer is tested"};
}

Diagnosis judge_clocks(const ClockDifference& clocks) {
    const std::int64_t apart = std::abs(clocks.ahead.micros);
    const std::string found = "the broker's clock is " + format_seconds(Duration{apart}) + " s " +
                              (clocks.ahead.micros < 0 ? "behind" : "ahead of") + " ours";
    const std::string advice = "synchronise both with NTP";
    if (apart > clocks.skew_max.micros) {
        return {Severity::fail, "clocks", found + ", more than ingest.max_clock_skew", advice};
    }
    if (apart > kClocksApartMicros) {
        return {Severity::warn, "clocks", found, advice};
    }
    return {Severity::ok, "clocks", "ours and the broker's are less than a second apart", ""};
}

std::vector<Diagnosis> judge_stream(const json& config) {
    std::vector<Diagnosis> found;
    const std::string storage = text_member(config, "storage");
    if (storage == "file") {
        found.push_back({Severity::ok, "stream storage", "file", ""});
    } else {
        found.push_back({Severity::warn,
                         "stream storage",
                         storage + ": a restart of the server loses what was not read",
                         "use file storage"});
    }
    const std::int64_t replicas = number_member(config, "num_replicas");
    if (replicas < kReplicasSafe) {
        found.push_back({Severity::warn,
                         "stream replicas",
                         std::to_string(replicas) + ": with its server the stream is away, with "
                                                    "its disk what was not read is lost",
                         "3 replicas in a cluster"});
    } else {
        found.push_back({Severity::ok, "stream replicas", std::to_string(replicas), ""});
    }
    found.push_back(judge_limits(config));
    return found;
}

std::vector<Diagnosis> check_server(NatsConnection& connection,
                                    const Clock& clock,
                                    Duration skew_max) {
    const Instant asked = clock.now();
    const std::string text = connection.request(kServerQuestion, "");
    const Instant answered = clock.now();
    const json server = object_member(read_answer(kServerQuestion, text).body, "server");
    std::vector<Diagnosis> found{judge_server_version(text_member(server, "ver"))};
    const auto told = parse_rfc3339(text_member(server, "time"));
    if (!told.ok()) {
        found.push_back({Severity::warn, "clocks", "the broker does not tell its time", ""});
        return found;
    }
    // The answer was written somewhere between the two: whatever is outside is a difference.
    Duration ahead;
    if (told.value() < asked) {
        ahead = told.value() - asked;
    } else if (answered < told.value()) {
        ahead = told.value() - answered;
    }
    found.push_back(judge_clocks({ahead, skew_max}));
    return found;
}

std::vector<Diagnosis> check_stream(NatsConnection& connection, const StreamNames& names) {
    const json told = ask_or_throw(connection, "STREAM.INFO." + names.stream);
    return judge_stream(object_member(told, "config"));
}

std::vector<Diagnosis> check_group(NatsConnection& connection,
                                   const StreamNames& names,
                                   const DurableTerms& terms) {
    const ApiAnswer answer =
        ask_jetstream(connection, "CONSUMER.INFO." + names.stream + '.' + names.durable, "");
    if (answer.error_code == kConsumerNotFound) {
        return {{Severity::warn,
                 "durable",
                 "'" + names.durable + "' is not there yet",
                 "consume creates it at its first start"}};
    }
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment,
                      "cannot read '" + names.durable + "': " + in_words(answer));
    }
    const DurableFindings findings = check_durable(object_member(answer.body, "config"), terms);
    std::vector<Diagnosis> found;
    for (const std::string& harmful : findings.harmful) {
        found.push_back({Severity::fail, "durable", "could lose events: " + harmful, ""});
    }
    for (const std::string& warning : findings.warnings) {
        found.push_back({Severity::warn, "durable", warning, ""});
    }
    if (found.empty()) {
        found.push_back(
            {Severity::ok, "durable", "'" + names.durable + "' is as it should be", ""});
    }
    found.push_back(backlog_of(answer.body));
    return found;
}

}  // namespace dcm::consumer
