#include "base/encoding.h"
#include "billing/json_text.h"
#include "billing/terminal_text.h"
#include "cli/book.h"
#include "cli/ingest_session.h"
#include "cli/quarantine.h"
#include "consumer/decode.h"
#include "store/closed_periods.h"
#include "store/log_reader.h"

#include <algorithm>
#include <memory>
#include <variant>

namespace dcm::cli {
namespace {

// A terminal is shown so much of a payload; JSON has all of it.
constexpr std::size_t kPayloadBytesShown = 4'096;
constexpr std::size_t kPlainWidth = 80;
constexpr std::string_view kIndent = "  ";

// What is known about one message.
struct Quarantined {
    store::RecordedMessage recorded;
    std::optional<Message> message;             // absent when it was erased
    std::optional<billing::Decision> decision;  // by the present rules
};

std::string decision_text(const billing::Decision& decision) {
    if (const auto* rejection = std::get_if<billing::Rejection>(&decision)) {
        return "rejected, " + std::string(billing::reason_name(rejection->reason)) + ": " +
               rejection->detail;
    }
    const auto& event = std::get<billing::StatusEvent>(decision);
    return event.service_type + '/' + event.instance + " is " + event.status +
           ", unless its identity was used; `quarantine retry` records it";
}

class Lines {
public:
    explicit Lines(std::size_t width) : width_(width == 0 ? kPlainWidth : width) {}

    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): a name, then what it says.
    void add(std::string_view name, std::string_view value) {
        constexpr std::size_t name_width = 10;
        text_ += std::string(name) + std::string(name_width - name.size(), ' ');
        text_ += billing::visible_text(value) + '\n';
    }
    void add_if(std::string_view name, const std::optional<std::string>& value) {
        if (value) {
            add(name, *value);
        }
    }
    void heading(std::string_view text) { text_ += '\n' + std::string(text) + '\n'; }
    // Any text, broken where the terminal ends.
    void block(std::string_view text) {
        std::string visible = billing::visible_text(text);
        const std::size_t room = std::max<std::size_t>(width_, kIndent.size() + 2) - kIndent.size();
        while (!visible.empty()) {
            // As much as fits: cut_to_width leaves room for its mark, so one more column is asked.
            std::string line = billing::cut_to_width(visible, room);
            std::size_t taken = line.size();
            if (line != visible) {
                taken = common_prefix(line, visible);
                line = visible.substr(0, taken);
            }
            text_ += std::string(kIndent) + line + '\n';
            visible.erase(0, taken);
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    static std::size_t common_prefix(std::string_view cut, std::string_view whole) {
        constexpr std::string_view mark = "…";
        const std::size_t kept = cut.size() - mark.size();
        return std::max<std::size_t>(1, std::min(kept, whole.size()));
    }

    std::size_t width_;
    std::string text_;
};

std::string text_of(const Quarantined& found, std::size_t width) {
    const store::RecordedMessage& recorded = found.recorded;
    Lines lines(width);
    lines.add("record",
              std::to_string(recorded.seq) + ", recorded " + format_rfc3339(recorded.recorded_at));
    lines.add(
        "verdict",
        recorded.verdict + (recorded.reason ? ", " + *recorded.reason : "") +
            (recorded.retried_at_seq ? ", by record " + std::to_string(*recorded.retried_at_seq)
                                     : ""));
    if (found.decision) {
        lines.add("now", decision_text(*found.decision));
    }
    lines.add("received", format_rfc3339(recorded.store_time));
    lines.add_if("broker", recorded.broker_pos);
    lines.add("about", recorded.subject);
    lines.add_if("source", recorded.source);
    lines.add_if("id", recorded.id);
    lines.add_if("time", recorded.event_time);
    lines.add_if("status", recorded.word);
    if (!found.message) {
        lines.heading(
            "The message was erased (`audit redact`): subject, headers and payload are "
            "gone.");
        return lines.text();
    }
    lines.add("subject", found.message->subject);
    if (!found.message->headers.empty()) {
        lines.heading("headers");
        for (const Header& header : found.message->headers) {
            lines.block(header.name + ": " + header.value);
        }
    }
    const std::string& payload = found.message->payload;
    lines.heading("payload, " + std::to_string(payload.size()) + " bytes");
    lines.block(std::string_view(payload).substr(0, kPayloadBytesShown));
    if (payload.size() > kPayloadBytesShown) {
        lines.heading(std::to_string(payload.size() - kPayloadBytesShown) +
                      " bytes more; --format json prints all of it");
    }
    return lines.text();
}

void add_message(const Message& message, billing::JsonObject& object) {
    std::string headers;
    for (const Header& header : message.headers) {
        const bool is_text = is_utf8(header.name) && is_utf8(header.value);
        billing::JsonObject pair;
        pair.add(is_text ? "name" : "name_b64",
                 is_text ? header.name : base64_encode(as_bytes(header.name)));
        pair.add(is_text ? "value" : "value_b64",
                 is_text ? header.value : base64_encode(as_bytes(header.value)));
        headers += (headers.empty() ? "" : ",") + pair.text();
    }
    object.add_json("headers", '[' + headers + ']');
    if (is_utf8(message.subject)) {
        object.add("subject", message.subject);
    } else {
        object.add("subject_b64", base64_encode(as_bytes(message.subject)));
    }
    if (is_utf8(message.payload)) {
        object.add("payload", message.payload);
    } else {
        object.add("payload_b64", base64_encode(as_bytes(message.payload)));
    }
}

std::string decision_json(const billing::Decision& decision) {
    billing::JsonObject object;
    if (const auto* rejection = std::get_if<billing::Rejection>(&decision)) {
        object.add("verdict", billing::verdict_name(billing::Verdict::rejected));
        object.add("reason", billing::reason_name(rejection->reason));
        object.add("detail", rejection->detail);
    } else {
        const auto& event = std::get<billing::StatusEvent>(decision);
        // What rule 7 says is decided when it is retried.
        object.add("verdict", billing::verdict_name(billing::Verdict::accepted));
        object.add("service_type", event.service_type);
        object.add("instance", event.instance);
        object.add("provider", event.provider);
        object.add("status", event.status);
        object.add("time", format_rfc3339(event.time));
    }
    return object.text();
}

std::string json_of(const Quarantined& found) {
    const store::RecordedMessage& recorded = found.recorded;
    const NamedInstance named = named_instance(recorded.subject);
    billing::JsonObject object;
    object.add_json("seq", std::to_string(recorded.seq));
    object.add("recorded_at", format_rfc3339(recorded.recorded_at));
    object.add("received", format_rfc3339(recorded.store_time));
    object.add("verdict", recorded.verdict);
    object.add_or_null("reason", recorded.reason);
    object.add_json("retried_at_seq",
                    recorded.retried_at_seq ? std::to_string(*recorded.retried_at_seq) : "null");
    object.add_or_null("broker_pos", recorded.broker_pos);
    object.add_or_null(
        "service_type",
        named.service_type.empty() ? std::nullopt : std::optional(named.service_type));
    object.add_or_null("instance",
                       named.instance.empty() ? std::nullopt : std::optional(named.instance));
    object.add_or_null("source", recorded.source);
    object.add_or_null("id", recorded.id);
    object.add_or_null("event_time", recorded.event_time);
    object.add_or_null("status", recorded.word);
    object.add_json("now", found.decision ? decision_json(*found.decision) : "null");
    object.add_json("redacted", found.message ? "false" : "true");
    if (found.message) {
        add_message(*found.message, object);
    }
    return object.text() + '\n';
}

int show_message(Shell& shell, std::int64_t seq) {
    const std::string& format = shell.format();
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    store::Quarantine quarantine(database);
    Quarantined found;
    found.recorded = require_quarantined(quarantine, seq);
    found.message = quarantine.message(found.recorded);
    if (found.message) {
        found.decision = consumer::decode(
            *found.message, book.rules.lifecycle, decode_limits(shell.config().ingest));
    }
    print(format == "table" ? text_of(found, terminal_width()) : json_of(found));
    return kExitDone;
}

}  // namespace

void add_quarantine_show(CLI::App& quarantine, Shell& shell) {
    const auto seq = std::make_shared<std::int64_t>(0);
    CLI::App* const show = quarantine.add_subcommand(
        "show", "One message with its headers and payload, and what the present rules say");
    show->add_option("seq", *seq, "Its seq in the log, as `quarantine list` shows it")
        ->type_name("SEQ")
        ->required();
    shell.add_formats(*show, {"table", "json", "jsonl"});
    show->footer("Example: dcm-billing quarantine show 5");
    show->callback(
        [&shell, seq] { shell.choose([&shell, seq] { return show_message(shell, *seq); }); });
}

}  // namespace dcm::cli
