#include "consumer/check_line.h"

#include "base/instant.h"
#include "consumer/json_text.h"

#include <string_view>
#include <variant>

namespace dcm::consumer {
namespace {

struct Member {
    std::string_view name;
    std::string_view value;
};

void append_member(std::string& out, const Member& member) {
    out.push_back(',');
    append_json_string(out, member.name);
    out.push_back(':');
    append_json_string(out, member.value);
}

void append_event(std::string& out, const billing::StatusEvent& event) {
    append_member(out, {"verdict", billing::verdict_name(billing::Verdict::accepted)});
    append_member(out, {"id", event.id});
    append_member(out, {"source", event.source});
    append_member(out, {"service_type", event.service_type});
    append_member(out, {"instance", event.instance});
    append_member(out, {"provider", event.provider});
    append_member(out, {"status", event.status});
    append_member(out, {"time", format_rfc3339(event.time)});
    append_member(out, {"time_source", billing::time_source_name(event.time_source)});
    out.append(",\"flags\":[");
    bool first = true;
    for (const std::string_view flag : event.flags.names()) {
        if (!first) out.push_back(',');
        append_json_string(out, flag);
        first = false;
    }
    out.push_back(']');
}

void append_rejection(std::string& out, const billing::Rejection& rejection) {
    append_member(out, {"verdict", billing::verdict_name(billing::Verdict::rejected)});
    append_member(out, {"reason", billing::reason_name(rejection.reason)});
    append_member(out, {"detail", rejection.detail});
}

}  // namespace

std::string check_line(std::int64_t line, const billing::Decision& decision) {
    std::string out = "{\"line\":" + std::to_string(line);
    if (const auto* const event = std::get_if<billing::StatusEvent>(&decision)) {
        append_event(out, *event);
    } else {
        append_rejection(out, std::get<billing::Rejection>(decision));
    }
    out.push_back('}');
    return out;
}

}  // namespace dcm::consumer
