#include "audit/record_json.h"

#include "base/shown.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>

namespace dcm::audit {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 14> kColumns{"seq",
                                                    "recorded_at",
                                                    "kind",
                                                    "actor",
                                                    "subject",
                                                    "tenant",
                                                    "ce_source",
                                                    "ce_id",
                                                    "broker_pos",
                                                    "outcome",
                                                    "reason",
                                                    "body",
                                                    "payload_commit",
                                                    "payload_len"};
constexpr std::string_view kBeside = "beside";
constexpr int kDepthMax = 4;

// The object, or the only one in an array; an Error that says what is wrong with the JSON itself.
Result<json> read_object(std::string_view text) {
    std::set<std::string> names;
    std::string repeated;
    bool is_deep = false;
    int object_depth = 0;
    const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& parsed) {
        is_deep = is_deep || depth > kDepthMax;
        if (event == json::parse_event_t::object_start && object_depth == 0) {
            object_depth = depth + 1;
        }
        if (event == json::parse_event_t::key && depth == object_depth &&
            !names.insert(parsed.get<std::string>()).second) {
            repeated = parsed.get<std::string>();
        }
        // What is deeper is not kept, so that nothing deep is ever built.
        return depth <= kDepthMax;
    };
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF")) {
        return malformed("record: expected JSON text without NUL and byte order mark");
    }
    json parsed;
    try {
        parsed = json::parse(text, watch);
    } catch (const json::exception& error) {
        return malformed("record: expected one JSON object, got " + shown(text) + ": " +
                         on_one_line(error.what()));
    }
    if (parsed.is_array() && parsed.size() == 1) {
        json only = parsed.front();
        parsed = std::move(only);
    }
    if (!parsed.is_object() || is_deep) {
        return malformed("record: expected one JSON object, got " + shown(text));
    }
    if (!repeated.empty()) {
        return malformed("record: expected each member once, got twice " + shown(repeated));
    }
    return parsed;
}

// Takes the columns out of the object; the first problem is kept.
class Columns {
public:
    explicit Columns(const json& object) : object_(object) {}

    std::int64_t number(std::string_view name) {
        const json* const value = find(name);
        const bool is_number = value != nullptr && value->is_number_integer() && fits(*value);
        return is_number ? value->get<std::int64_t>()
                         : (problem(name, "a 64-bit integer"), std::int64_t{0});
    }
    std::optional<std::int64_t> number_or_null(std::string_view name) {
        return is_null(name) ? std::nullopt : std::optional(number(name));
    }
    std::string text(std::string_view name) {
        const json* const value = find(name);
        return value != nullptr && value->is_string() ? value->get<std::string>()
                                                      : (problem(name, "a text"), std::string());
    }
    std::optional<std::string> text_or_null(std::string_view name) {
        return is_null(name) ? std::nullopt : std::optional(text(name));
    }

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

private:
    [[nodiscard]] const json* find(std::string_view name) const {
        const auto found = object_.find(std::string(name));
        return found == object_.end() ? nullptr : &*found;
    }
    [[nodiscard]] bool is_null(std::string_view name) const {
        const json* const value = find(name);
        return value != nullptr && value->is_null();
    }
    static bool fits(const json& value) {
        return !value.is_number_unsigned() ||
               value.get<std::uint64_t>() <=
                   static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    }
    void problem(std::string_view name, std::string_view expected) {
        if (!error_) {
            error_ =
                malformed("record: expected " + std::string(expected) + " as member " +
                          std::string(name) + (find(name) == nullptr ? ", it is missing" : ""));
        }
    }

    const json& object_;
    std::optional<Error> error_;
};

std::string quoted(const std::string& text) {
    return json(text).dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

std::string quoted_or_null(const std::optional<std::string>& text) {
    return text ? quoted(*text) : "null";
}

}  // namespace

std::string record_json(const Record& record, std::string_view members) {
    const std::array<std::string, kColumns.size()> values{
        std::to_string(record.seq),
        std::to_string(record.recorded_at),
        quoted(record.kind),
        quoted(record.actor),
        quoted(record.subject),
        quoted_or_null(record.tenant),
        quoted_or_null(record.ce_source),
        quoted_or_null(record.ce_id),
        quoted_or_null(record.broker_pos),
        quoted(record.outcome),
        quoted_or_null(record.reason),
        quoted_or_null(record.body),
        quoted_or_null(record.payload_commit),
        record.payload_len ? std::to_string(*record.payload_len) : "null"};
    std::string text = "{";
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
        text += i == 0 ? "\"" : ",\"";
        text += kColumns.at(i);
        text += "\":" + values.at(i);
    }
    text += members;
    return text + '}';
}

Result<Record> parse_record_json(std::string_view text) {
    const Result<json> object = read_object(text);
    if (!object.ok()) {
        return object.error();
    }
    for (const auto& member : object.value().items()) {
        const bool is_known =
            std::find(kColumns.begin(), kColumns.end(), member.key()) != kColumns.end() ||
            member.key() == kBeside;
        if (!is_known) {
            return malformed("record: expected the columns of v_audit as members, got " +
                             shown(member.key()));
        }
    }
    Columns columns(object.value());
    Record record;
    record.seq = columns.number("seq");
    record.recorded_at = columns.number("recorded_at");
    record.kind = columns.text("kind");
    record.actor = columns.text("actor");
    record.subject = columns.text("subject");
    record.tenant = columns.text_or_null("tenant");
    record.ce_source = columns.text_or_null("ce_source");
    record.ce_id = columns.text_or_null("ce_id");
    record.broker_pos = columns.text_or_null("broker_pos");
    record.outcome = columns.text("outcome");
    record.reason = columns.text_or_null("reason");
    record.body = columns.text_or_null("body");
    record.payload_commit = columns.text_or_null("payload_commit");
    record.payload_len = columns.number_or_null("payload_len");
    if (columns.error()) {
        return *columns.error();
    }
    if (const auto column = unhashable_column(record)) {
        return malformed("record: expected text without U+0000 as member " + std::string(*column));
    }
    return record;
}

}  // namespace dcm::audit
