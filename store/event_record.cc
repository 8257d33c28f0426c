#include "store/event_record.h"

#include "audit/hash.h"
#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kUnknownSubject = "message";

void append_hex_byte(std::string& out, char byte) {
    const auto value = static_cast<unsigned char>(byte);
    out += kHexDigits[value >> 4U];
    out += kHexDigits[value & 0xFU];
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += byte;
        } else if (static_cast<unsigned char>(byte) < 0x20U) {
            out += "\\u00";
            append_hex_byte(out, byte);
        } else {
            out += byte;
        }
    }
    out += '"';
}

void append_json_list(std::string& out, const std::vector<std::string_view>& values) {
    char separator = '[';
    for (const std::string_view value : values) {
        out += separator;
        append_json_string(out, value);
        separator = ',';
    }
    out += ']';
}

// Builds compact JSON whose members are given in the order of their names.
class BodyWriter {
public:
    explicit BodyWriter(std::string& out) : out_(out) { out_.clear(); }

    // Begins a member; one of the three below follows.
    BodyWriter& member(std::string_view name) {
        out_ += out_.empty() ? "{\"" : ",\"";
        out_ += name;
        out_ += "\":";
        return *this;
    }
    void text(std::string_view value) { append_json_string(out_, value); }
    void number(std::int64_t value) { out_ += std::to_string(value); }
    void list(const std::vector<std::string_view>& values) { append_json_list(out_, values); }
    // False when there was no member at all.
    [[nodiscard]] bool finish() {
        if (out_.empty()) {
            return false;
        }
        out_ += '}';
        return true;
    }

private:
    std::string& out_;
};

// The two kinds of decision, seen alike.
struct Facts {
    const std::string* source = nullptr;
    const std::string* id = nullptr;
    const std::string* service_type = nullptr;
    const std::string* instance = nullptr;
    const std::string* word = nullptr;
    std::optional<Instant> time;
    std::optional<billing::TimeSource> time_source;
    billing::Flags flags;
};

const std::string* pointer_to(const std::optional<std::string>& text) {
    return text ? &*text : nullptr;
}

Facts facts_of(const billing::Decision& decision) {
    Facts facts;
    if (const auto* event = std::get_if<billing::StatusEvent>(&decision)) {
        facts = {&event->source,
                 &event->id,
                 &event->service_type,
                 &event->instance,
                 &event->word,
                 event->time,
                 event->time_source,
                 event->flags};
    } else if (const auto* rejection = std::get_if<billing::Rejection>(&decision)) {
        facts = {pointer_to(rejection->source),
                 pointer_to(rejection->id),
                 pointer_to(rejection->service_type),
                 pointer_to(rejection->instance),
                 pointer_to(rejection->word),
                 rejection->time,
                 rejection->time_source,
                 rejection->flags};
    }
    if (facts.word != nullptr && facts.word->size() > kWordBytesMax) {
        facts.word = nullptr;
    }
    return facts;
}

void set_text(std::optional<std::string>& column, const std::string* text) {
    if (text == nullptr) {
        column.reset();
    } else if (column) {
        column->assign(*text);
    } else {
        column = *text;
    }
}

void set_subject(const Facts& facts, std::string& subject) {
    if (facts.service_type == nullptr) {
        subject = kUnknownSubject;
        return;
    }
    subject = *facts.service_type;
    subject += '/';
    if (facts.instance != nullptr) {
        subject += *facts.instance;
    }
}

// What a body tells beside the facts.
struct BodyContext {
    const Message& message;
    const PayloadRow& beside;
    const std::string* subject = nullptr;  // where it is not the one the record stands under
};

void set_body(const Facts& facts, const BodyContext& context, std::optional<std::string>& column) {
    const Message& message = context.message;
    const PayloadRow& beside = context.beside;
    if (!column) {
        column.emplace();
    }
    BodyWriter body(*column);
    if (facts.time) {
        body.member("event_time").text(format_rfc3339(*facts.time));
    }
    if (facts.flags != billing::Flags{}) {
        body.member("flags").list(facts.flags.names());
    }
    if (beside.headers) {
        body.member("headers_commit")
            .text(audit::to_hex(audit::sha256({beside.salt, *beside.headers})));
    }
    if (!message.position) {
        body.member("store_time").text(format_rfc3339(message.store_time));
        if (message.stream_seq != 0) {
            body.member("stream_seq").number(message.stream_seq);
        }
    }
    if (context.subject != nullptr) {
        body.member("subject").text(*context.subject);
    }
    if (facts.time_source == billing::TimeSource::store) {
        body.member("time_source").text(billing::time_source_name(billing::TimeSource::store));
    }
    if (facts.word != nullptr) {
        body.member("word").text(*facts.word);
    }
    if (!body.finish()) {
        column.reset();
    }
}

std::string pairs_in_base64(const std::vector<Header>& headers) {
    std::string out = "[";
    for (const Header& header : headers) {
        out += out.size() == 1 ? "[" : ",[";
        append_json_string(out, base64_encode(as_bytes(header.name)));
        out += ',';
        append_json_string(out, base64_encode(as_bytes(header.value)));
        out += ']';
    }
    return out + "]";
}

void append_values(std::string& out, const std::vector<std::string_view>& values) {
    if (values.size() == 1) {
        append_json_string(out, values.front());
    } else {
        append_json_list(out, values);
    }
}

}  // namespace

std::string text_of_subject(std::string_view subject) {
    std::string text;
    std::size_t position = 0;
    while (position < subject.size()) {
        // The shortest well-formed sequence that begins here, if there is one.
        std::size_t length = 1;
        while (length <= 4 && !is_utf8(subject.substr(position, length))) {
            ++length;
        }
        const std::string_view part = subject.substr(position, length);
        if (length > 4 || part.front() == '\0') {
            text += "\\x";
            append_hex_byte(text, subject[position]);
            ++position;
            continue;
        }
        text += part == "\\" ? "\\\\" : part;
        position += part.size();
    }
    return text;
}

std::string text_of_headers(const std::vector<Header>& headers) {
    const bool all_text = std::all_of(headers.begin(), headers.end(), [](const Header& header) {
        return is_utf8(header.name) && is_utf8(header.value);
    });
    if (!all_text) {
        return pairs_in_base64(headers);
    }
    std::vector<std::pair<std::string_view, std::vector<std::string_view>>> members;
    std::map<std::string_view, std::size_t> index_of;
    for (const Header& header : headers) {
        const auto [found, is_new] = index_of.emplace(header.name, members.size());
        if (is_new) {
            members.emplace_back(header.name, std::vector<std::string_view>{});
        }
        members[found->second].second.push_back(header.value);
    }
    std::string out = "{";
    for (const auto& [name, values] : members) {
        if (out.size() > 1) {
            out += ',';
        }
        append_json_string(out, name);
        out += ':';
        append_values(out, values);
    }
    return out + "}";
}

void fill_event_record(const DecidedMessage& decided,
                       const PayloadRow& beside,
                       audit::Record& record) {
    const Facts facts = facts_of(decided.decision);
    const Message& message = decided.message;
    record.kind = audit::kEventReceived;
    set_subject(facts, record.subject);
    record.tenant.reset();
    set_text(record.ce_source, facts.source);
    set_text(record.ce_id, facts.id);
    record.broker_pos.reset();
    if (message.position) {
        record.broker_pos = format_position(*message.position);
    }
    set_body(facts, {message, beside}, record.body);
    record.payload_commit = audit::to_hex(audit::sha256({beside.salt, message.payload}));
    record.payload_len = static_cast<std::int64_t>(message.payload.size());
}

void set_verdict(const RecordedVerdict& verdict, audit::Record& record) {
    record.outcome = billing::verdict_name(verdict.verdict);
    record.reason.reset();
    if (verdict.reason) {
        record.reason = billing::reason_name(*verdict.reason);
    }
}

void fill_retried_record(const DecidedMessage& decided,
                         const RetriedRecord& own,
                         audit::Record& record) {
    const Facts facts = facts_of(decided.decision);
    record.kind = audit::kQuarantineRetried;
    record.subject = audit::seq_subject(own.seq);
    set_text(record.ce_source, facts.source);
    set_text(record.ce_id, facts.id);
    std::string subject;
    set_subject(facts, subject);
    const bool is_other = subject != own.subject && subject != kUnknownSubject;
    set_body(facts, {decided.message, PayloadRow{}, is_other ? &subject : nullptr}, record.body);
}

billing::AcceptedEvent accepted_event(const RecordedEvent& event,
                                      const rules::Lifecycle& lifecycle) {
    return {event.order,
            std::string(lifecycle.provider_of(event.source)),
            std::string(recorded_status(lifecycle, event.key.service_type, event.word))};
}

std::string_view recorded_status(const rules::Lifecycle& lifecycle,
                                 std::string_view service_type,
                                 std::string_view word) {
    return lifecycle.status_of(service_type, word).value_or(word);
}

std::optional<billing::InstanceKey> key_of_subject(std::string_view subject) {
    const std::size_t slash = subject.find('/');
    if (slash == std::string_view::npos || slash + 1 == subject.size()) {
        return std::nullopt;
    }
    return billing::InstanceKey{std::string(subject.substr(0, slash)),
                                std::string(subject.substr(slash + 1))};
}

std::int64_t sequence_of_position(std::string_view broker_pos) {
    const std::size_t last = broker_pos.rfind('|');
    if (last == std::string_view::npos || last == 0) {
        return 0;
    }
    const std::size_t before = broker_pos.rfind('|', last - 1);
    if (before == std::string_view::npos) {
        return 0;
    }
    const std::string_view digits = broker_pos.substr(before + 1, last - before - 1);
    std::int64_t sequence = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
    return sequence;
}

}  // namespace dcm::store
