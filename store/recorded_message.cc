#include "store/recorded_message.h"

#include "base/encoding.h"
#include "base/instant.h"
#include "store/event_record.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace dcm::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStoreTime = "store";

// The columns of a message, its latest verdict beside its own record, and where they come from.
// What is asked for by its seq may be decided by, so it is not read by an index of somebody else's
// (ADR 41).
constexpr std::string_view kColumns =
    "SELECT a.seq, a.recorded_at, coalesce(json_extract(q.body, '$.subject'), a.subject),"
    " coalesce(q.ce_source, a.ce_source), coalesce(q.ce_id, a.ce_id), a.broker_pos,"
    " coalesce(q.outcome, a.outcome), CASE WHEN q.seq IS NULL THEN a.reason ELSE q.reason END,"
    " coalesce(q.body, a.body), a.payload_len, q.seq ";
constexpr std::string_view kFromRows = "FROM audit_log AS a NOT INDEXED";
constexpr std::string_view kFromAny = "FROM audit_log AS a";
constexpr std::string_view kWithVerdict =
    " LEFT JOIN audit_log AS q NOT INDEXED ON q.seq = ("
    "SELECT max(l.seq) FROM audit_log AS l "
    "WHERE l.kind = 'quarantine.retried' AND l.subject = 'seq/' || a.seq) "
    "WHERE a.kind = 'event.received' AND ";
constexpr std::string_view kOne = "a.seq = ?";
// The terms of the partial indexes (migration 0011), so that they are used.
constexpr std::string_view kRejected = "a.outcome = 'rejected' ORDER BY a.seq";
constexpr std::string_view kNotAccepted =
    "a.outcome <> 'accepted' AND a.subject = ? ORDER BY a.seq";

constexpr const char* kSelectPayload =
    "SELECT payload, subject, headers FROM audit_payload NOT INDEXED "
    "WHERE seq = ? AND salt <> zeroblob(32)";

std::string select_messages(std::string_view from, std::string_view where) {
    return std::string(kColumns).append(from).append(kWithVerdict).append(where);
}

// What the body says; our own record, so a member of another kind is one that is not there.
void read_body(std::string_view text, RecordedMessage& message) {
    const Json body = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
    const auto text_of = [&body](const char* name) -> std::optional<std::string> {
        const auto found = body.find(name);
        return found != body.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                         : std::nullopt;
    };
    if (!body.is_object()) {
        return;
    }
    message.event_time = text_of("event_time");
    message.word = text_of("word");
    message.time_is_of_store = text_of("time_source") == kStoreTime;
    const auto flags = body.find("flags");
    if (flags != body.end() && flags->is_array()) {
        for (const Json& flag : *flags) {
            message.flags.push_back(flag.is_string() ? flag.get<std::string>() : "");
        }
    }
    if (const auto stored = text_of("store_time")) {
        if (const Result<Instant> at = parse_rfc3339(*stored); at.ok()) {
            message.store_time = at.value();
        }
    }
    const auto sequence = body.find("stream_seq");
    if (sequence != body.end() && sequence->is_number_integer()) {
        message.stream_seq = sequence->get<std::int64_t>();
    }
}

RecordedMessage message_of(const RowStatement& row) {
    RecordedMessage message;
    message.seq = row.number(0);
    message.recorded_at = Instant{row.number(1)};
    message.subject = row.text(2);
    row.copy_to(message.source, 3);
    row.copy_to(message.id, 4);
    row.copy_to(message.broker_pos, 5);
    message.verdict = row.text(6);
    row.copy_to(message.reason, 7);
    read_body(row.text(8), message);
    message.payload_bytes = row.number(9);
    row.copy_to(message.retried_at_seq, 10);
    const auto position = parse_position(message.broker_pos.value_or(""));
    if (position) {
        message.stream_seq = position->sequence;
        message.store_time = Instant{position->stored_ns / kNanosPerMicro};
    }
    return message;
}

// [name, value] in base64.
std::optional<Header> header_of_pair(const Json& pair) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
        return std::nullopt;
    }
    auto name = base64_decode(pair[0].get<std::string>());
    auto value = base64_decode(pair[1].get<std::string>());
    if (!name || !value) {
        return std::nullopt;
    }
    return Header{std::move(*name), std::move(*value)};
}

bool add_values(const std::string& name, const Json& values, std::vector<Header>& headers) {
    if (values.is_string()) {
        headers.push_back({name, values.get<std::string>()});
        return true;
    }
    bool all_text = values.is_array();
    for (const Json& value : values) {
        all_text = all_text && value.is_string();
        headers.push_back({name, value.is_string() ? value.get<std::string>() : ""});
    }
    return all_text;
}

[[noreturn]] void refuse(std::int64_t seq, std::string_view what) {
    throw Failure(ErrorKind::malformed,
                  "audit log: the " + std::string(what) + " beside record " + std::to_string(seq) +
                      " is not as this program writes it; run `dcm-billing audit verify`");
}

}  // namespace

Instant counted_at(const RecordedMessage& message) {
    const Result<Instant> time = parse_rfc3339(message.event_time.value_or(""));
    return time.ok() ? time.value() : message.store_time;
}

RecordedMessages::RecordedMessages(soci::session& session)
    : select_one_(session, select_messages(kFromRows, kOne).c_str()),
      select_rejected_(session, select_messages(kFromAny, kRejected).c_str()),
      select_not_accepted_(session, select_messages(kFromAny, kNotAccepted).c_str()) {}

std::optional<RecordedMessage> RecordedMessages::find(std::int64_t seq) {
    std::optional<RecordedMessage> found;
    select_one_.bind(seq);
    while (select_one_.fetch()) {
        found = message_of(select_one_);
    }
    return found;
}

void RecordedMessages::each_rejected_first(const Visitor& visit) {
    while (select_rejected_.fetch()) {
        visit(message_of(select_rejected_));
    }
}

void RecordedMessages::each_not_accepted_first(std::string_view subject, const Visitor& visit) {
    select_not_accepted_.bind(subject);
    while (select_not_accepted_.fetch()) {
        visit(message_of(select_not_accepted_));
    }
}

std::optional<Message> read_kept_message(soci::session& session, const RecordedMessage& recorded) {
    std::optional<Message> kept;
    RowStatement rows(session, kSelectPayload);
    rows.bind(recorded.seq);
    while (rows.fetch()) {
        auto subject = subject_of_text(rows.text(1));
        auto headers = rows.is_null(2) ? std::vector<Header>{} : headers_of_text(rows.text(2));
        if (!subject) {
            refuse(recorded.seq, "subject");
        }
        if (!headers) {
            refuse(recorded.seq, "headers");
        }
        kept.emplace();
        kept->subject = std::move(*subject);
        kept->headers = std::move(*headers);
        kept->payload = rows.text(0);
        kept->store_time = recorded.store_time;
        kept->stream_seq = recorded.stream_seq;
        kept->position = parse_position(recorded.broker_pos.value_or(""));
    }
    return kept;
}

std::optional<std::string> subject_of_text(std::string_view text) {
    const std::string_view whole = text;
    std::string subject;
    while (!text.empty()) {
        if (text.front() != '\\') {
            subject += text.front();
            text.remove_prefix(1);
        } else if (text.starts_with("\\\\")) {
            subject += '\\';
            text.remove_prefix(2);
        } else {
            constexpr std::size_t escape_size = 4;  // \xHH
            const auto byte = hex_decode(text.substr(std::min<std::size_t>(2, text.size()), 2));
            if (!text.starts_with("\\x") || !byte || byte->size() != 1) {
                return std::nullopt;
            }
            subject += *byte;
            text.remove_prefix(escape_size);
        }
    }
    // A byte that needs no escape has none.
    return text_of_subject(subject) == whole ? std::optional(std::move(subject)) : std::nullopt;
}

std::optional<std::vector<Header>> headers_of_text(std::string_view text) {
    const Json json = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
    std::vector<Header> headers;
    if (json.is_object()) {
        for (const auto& member : json.items()) {
            if (!add_values(member.key(), member.value(), headers)) {
                return std::nullopt;
            }
        }
        return headers;
    }
    if (!json.is_array()) {
        return std::nullopt;
    }
    for (const Json& pair : json) {
        auto header = header_of_pair(pair);
        if (!header) {
            return std::nullopt;
        }
        headers.push_back(std::move(*header));
    }
    return headers;
}

}  // namespace dcm::store
