#include "consumer/stream_setup.h"

#include "base/instant.h"
#include "base/shown.h"
#include "consumer/jetstream_api.h"

#include <algorithm>
#include <limits>

namespace dcm::consumer {
namespace {

using nlohmann::json;

constexpr std::size_t kNameBytesMax = 255;

void require_name(const std::string& name, const std::string& field) {
    if (!is_name(name)) {
        throw Failure(ErrorKind::malformed,
                      field +
                          ": expected a name without blanks, '.', '*', '>' and slashes, found '" +
                          name + "'");
    }
}

// Years 1677 to 2262: what 64 bits of nanoseconds hold.
bool has_nanos(Instant time) {
    constexpr std::int64_t micros_max = std::numeric_limits<std::int64_t>::max() / kNanosPerMicro;
    return -micros_max < time.micros && time.micros < micros_max;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : "; ") + part;
    }
    return text;
}

// "; dcm.* is carried by 'x'", or nothing.
std::string carrier_hint(NatsConnection& connection) {
    const json body = {{"subject", kEventSubjects}};
    const ApiAnswer answer = ask_jetstream(connection, "STREAM.NAMES", body.dump());
    const auto streams = answer.body.find("streams");
    if (streams == answer.body.end() || !streams->is_array() || streams->empty() ||
        !streams->front().is_string()) {
        return "";
    }
    return "; dcm.* is carried by stream '" + streams->front().get<std::string>() + "'";
}

[[noreturn]] void throw_absent(const std::string& message, WhenAbsent when_absent) {
    if (when_absent == WhenAbsent::refuse) {
        throw Refused(message);
    }
    throw Failure(ErrorKind::environment, message);
}

ApiAnswer create_stream(NatsConnection& connection, const std::string& name) {
    const json config = {
        {"name", name},
        {"subjects", json::array({kEventSubjects})},
        {"retention", "limits"},
        {"storage", "file"},
        {"discard", "old"},
        {"max_consumers", -1},
        {"max_msgs", -1},
        {"max_bytes", -1},
        {"max_age", 0},
        {"max_msg_size", -1},
        {"num_replicas", 1},
    };
    ApiAnswer answer = ask_jetstream(connection, "STREAM.CREATE." + name, config.dump());
    if (answer.error_code == kSubjectsOverlap) {
        throw Refused("cannot provision stream '" + name + "': another one has its subjects" +
                      carrier_hint(connection) + " (set nats.stream)");
    }
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment,
                      "cannot provision stream '" + name + "': " + in_words(answer));
    }
    return answer;
}

// The texts of a list; none where there is no list.
std::vector<std::string> text_list(const json& object, std::string_view name) {
    std::vector<std::string> texts;
    const auto list = object.find(name);
    if (list != object.end() && list->is_array()) {
        for (const json& text : *list) {
            texts.push_back(text.is_string() ? text.get<std::string>() : "");
        }
    }
    return texts;
}

// A mirror, or a stream fed by others, has no subjects of its own.
void require_event_subjects(const json& config, const std::string& name) {
    std::string shown;
    for (const std::string& subject : text_list(config, "subjects")) {
        if (subject_covers({subject}, {kEventSubjects})) {
            return;
        }
        shown += (shown.empty() ? "'" : ", '") + subject + "'";
    }
    if (!shown.empty() || (!config.contains("mirror") && !config.contains("sources"))) {
        throw Refused("stream '" + name + "': expected it to carry dcm.*, found " +
                      (shown.empty() ? "no subject" : shown) +
                      ": add dcm.* to its subjects or set nats.stream");
    }
}

StreamInfo stream_info(const ApiAnswer& answer, const std::string& name) {
    const auto created = parse_created_ns(text_member(answer.body, "created"));
    if (!created.ok()) {
        throw Failure(ErrorKind::environment, "stream '" + name + "': " + created.error().message);
    }
    const json state = object_member(answer.body, "state");
    return {created.value(),
            number_member(state, "messages"),
            number_member(state, "first_seq"),
            number_member(state, "last_seq"),
            text_list(object_member(answer.body, "config"), "subjects")};
}

DurableInfo durable_info(const json& body) {
    const json config = object_member(body, "config");
    const json delivered = object_member(body, "delivered");
    const auto created = parse_created_ns(text_member(body, "created"));
    DurableInfo info;
    info.created_ns = created.ok() ? created.value() : 0;
    info.undelivered = number_member(body, "num_pending");
    info.unacknowledged = number_member(body, "num_ack_pending");
    info.requests_max = number_member(config, "max_waiting");
    info.batch_max = number_member(config, "max_batch");
    info.bytes_max = number_member(config, "max_bytes");
    info.expires_max_ns = number_member(config, "max_expires");
    info.ack_wait_ns = number_member(config, "ack_wait");
    info.requests = number_member(body, "num_waiting");
    info.deliveries = number_member(delivered, "consumer_seq");
    info.delivered_to = number_member(delivered, "stream_seq");
    info.acknowledged_to = number_member(object_member(body, "ack_floor"), "stream_seq");
    info.filters = text_list(config, "filter_subjects");
    const std::string filter = text_member(config, "filter_subject");
    if (!filter.empty()) {
        info.filters.push_back(filter);
    }
    return info;
}

ApiAnswer create_durable(NatsConnection& connection,
                         const StreamNames& names,
                         const DurableTerms& terms) {
    const json config = durable_config(names.durable, terms);
    const json body = {{"stream_name", names.stream}, {"config", config}};
    ApiAnswer answer = ask_jetstream(
        connection, "CONSUMER.DURABLE.CREATE." + names.stream + "." + names.durable, body.dump());
    const std::string which = "durable '" + names.durable + "' of stream '" + names.stream + "'";
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment, "cannot create " + which + ": " + in_words(answer));
    }
    const auto differences = compare_durable(config, object_member(answer.body, "config"));
    if (!differences.empty()) {
        throw Refused(which + " was not created as asked: " + joined(differences));
    }
    return answer;
}

}  // namespace

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= kNameBytesMax &&
           name.find_first_of(std::string_view(" .*>/\\\t\r\n\0", 10)) == std::string::npos;
}

void require_names(const StreamNames& names) {
    require_name(names.stream, "nats.stream");
    require_name(names.durable, "nats.durable");
}

Result<std::int64_t> parse_created_ns(const std::string& text) {
    const auto micros = parse_rfc3339(text);
    if (!micros.ok() || !has_nanos(micros.value())) {
        return malformed("expected its creation time, found " + shown(text));
    }
    // parse_rfc3339 keeps six digits of the fraction; the last three are read here.
    std::int64_t rest = 0;
    const std::size_t dot = text.find('.');
    for (std::size_t digit = 6; digit < 9; ++digit) {
        const std::size_t at = dot + 1 + digit;
        const bool present = dot != std::string::npos && at < text.size() &&
                             text.find_first_not_of("0123456789", dot + 1) > at;
        rest = rest * 10 + (present ? text[at] - '0' : 0);
    }
    return micros.value().micros * kNanosPerMicro + rest;
}

StreamInfo ensure_stream(NatsConnection& connection,
                         const StreamNames& names,
                         WhenAbsent when_absent) {
    ApiAnswer answer = ask_jetstream(connection, "STREAM.INFO." + names.stream, "");
    if (answer.error_code == kStreamNotFound && when_absent == WhenAbsent::create) {
        answer = create_stream(connection, names.stream);
    }
    if (answer.error_code == kStreamNotFound) {
        throw_absent("expected stream '" + names.stream + "', found none of that name at " +
                         connection.shown_urls() + carrier_hint(connection) +
                         " (set nats.stream; --provision creates it for a demo)",
                     when_absent);
    }
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment,
                      "cannot read stream '" + names.stream + "': " + in_words(answer));
    }
    require_event_subjects(object_member(answer.body, "config"), names.stream);
    return stream_info(answer, names.stream);
}

DurableInfo ensure_durable(NatsConnection& connection,
                           const StreamNames& names,
                           WhenAbsent when_absent,
                           const DurableTerms& terms) {
    const std::string which = "durable '" + names.durable + "' of stream '" + names.stream + "'";
    ApiAnswer answer =
        ask_jetstream(connection, "CONSUMER.INFO." + names.stream + "." + names.durable, "");
    const bool is_new = answer.error_code == kConsumerNotFound && when_absent == WhenAbsent::create;
    if (is_new) {
        answer = create_durable(connection, names, terms);
    }
    if (answer.error_code == kConsumerNotFound) {
        throw_absent(which + " is not there", when_absent);
    }
    if (answer.error_code != 0) {
        throw Failure(ErrorKind::environment, "cannot read " + which + ": " + in_words(answer));
    }
    const json config = object_member(answer.body, "config");
    if (config.empty()) {
        // What a server answers while it deletes the durable.
        throw Failure(ErrorKind::environment, "the broker does not describe " + which);
    }
    DurableFindings findings = check_durable(config, terms);
    if (!findings.harmful.empty()) {
        throw Refused(which + " could lose events: " + joined(findings.harmful));
    }
    DurableInfo info = durable_info(answer.body);
    info.is_new = is_new;
    for (const std::string& warning : findings.warnings) {
        info.warnings.push_back(std::string(which).append(": ").append(warning));
    }
    return info;
}

void delete_durable(NatsConnection& connection, const StreamNames& names) {
    const ApiAnswer answer =
        ask_jetstream(connection, "CONSUMER.DELETE." + names.stream + "." + names.durable, "");
    if (answer.error_code != 0 && answer.error_code != kConsumerNotFound) {
        throw Failure(ErrorKind::environment,
                      "cannot delete durable '" + names.durable + "' of stream '" + names.stream +
                          "': " + in_words(answer));
    }
}

bool delivers_all(const DurableInfo& durable, const StreamInfo& stream) {
    const auto is_delivered = [&durable](const std::string& subject) {
        return std::any_of(
            durable.filters.begin(), durable.filters.end(), [&subject](const std::string& filter) {
                return subject_covers({filter}, {subject});
            });
    };
    // A mirror does not tell which subjects it has.
    if (stream.subjects.empty()) {
        return durable.filters.empty() ||
               std::find(durable.filters.begin(), durable.filters.end(), ">") !=
                   durable.filters.end();
    }
    return durable.filters.empty() ||
           std::all_of(stream.subjects.begin(), stream.subjects.end(), is_delivered);
}

}  // namespace dcm::consumer
