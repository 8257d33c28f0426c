#include "consumer/fleet_message.h"

#include "base/check.h"

namespace dcm::consumer {
namespace {

std::string data_of(const StatusText& text) {
    const std::string status = text.status.empty() ? "" : R"(,"status":")" + text.status + '"';
    return R"({"id":")" + text.instance + '"' + status + R"(,"message":"instance is )" +
           (text.status.empty() ? "unknown" : text.status) + "\"}";
}

void drop_headers(Message& message, std::string_view payload) {
    message.headers.clear();
    message.payload = payload;
}

}  // namespace

Message structured_message(const StatusText& text) {
    Message message;
    message.subject = "dcm." + text.service_type;
    message.payload = R"({"specversion":"1.0","id":")" + text.event_id + R"(","source":")" +
                      text.source + R"(","type":"dcm.status.)" + text.service_type +
                      R"(","subject":")" + message.subject +
                      R"(","datacontenttype":"application/json","time":")" +
                      format_rfc3339(text.time) + R"(","data":)" + data_of(text) + "}";
    return message;
}

Message binary_message(const StatusText& text) {
    Message message;
    message.subject = "dcm." + text.service_type;
    message.headers = {
        {"ce-specversion", "1.0"},
        {"ce-id", text.event_id},
        {"ce-source", text.source},
        {"ce-type", "dcm.status." + text.service_type},
        {"ce-subject", message.subject},
        {"ce-time", format_rfc3339(text.time)},
        {"Content-Type", "application/json"},
    };
    message.payload = data_of(text);
    return message;
}

std::string title_case(std::string_view status) {
    std::string text(status);
    for (std::size_t index = 1; index < text.size(); ++index) {
        const char letter = text[index];
        text[index] =
            letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return text;
}

void spoil(Message& message, std::int64_t way) {
    DCM_CHECK(way >= 0 && way < kSpoilings);
    switch (way) {
        case 0:
            message.payload.pop_back();  // no closing brace
            return;
        case 1:
            drop_headers(message, "");
            return;
        case 2:
            drop_headers(message, "instance is running");
            return;
        case 3:
            drop_headers(message, "{\"specversion\":\"1.0\",\"id\":\"\xFF\"}");
            return;
        case 4:
            message.subject = "dcm.Wrong-Type";
            return;
        default:
            drop_headers(message, R"({"specversion":"1.0","source":"dcm/providers/x","data":{}})");
            return;
    }
}

}  // namespace dcm::consumer
