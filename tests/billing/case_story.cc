#include "case_story.h"

#include <catch2/catch.hpp>

#include <cctype>
#include <fstream>
#include <set>

namespace dcm::billing {
namespace {

using nlohmann::json;

constexpr std::int64_t kSkewMax = std::int64_t{5} * 60 * kMicrosPerSecond;

// A message in its envelope, or bare.
struct Opened {
    json event;
    std::int64_t stream_seq = 0;
    std::optional<Instant> store_time;
};

std::optional<Opened> open_message(const json& message) {
    if (message.contains("specversion")) {
        return Opened{message, 0, std::nullopt};
    }
    if (!message.contains("payload") || message.contains("headers") ||
        !message.contains("subject")) {
        return std::nullopt;
    }
    Opened opened;
    opened.event = json::parse(message["payload"].get<std::string>(), nullptr, false);
    opened.stream_seq = message.value("stream_seq", std::int64_t{0});
    if (!opened.event.is_object() ||
        message["subject"] != "dcm." + opened.event.value("type", "...........").substr(11)) {
        return std::nullopt;
    }
    opened.store_time = value_or_throw(parse_rfc3339(message["store_time"].get<std::string>()));
    return opened;
}

bool has_text(const json& object, const char* name) {
    return object.is_object() && object.contains(name) && object[name].is_string();
}

bool is_plain(const json& event) {
    if (!has_text(event, "source") || !has_text(event, "id") || !has_text(event, "type") ||
        !has_text(event, "time") || event.value("specversion", "") != "1.0" ||
        !event.contains("data")) {
        return false;
    }
    return has_text(event["data"], "id") && has_text(event["data"], "status");
}

std::string upper(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
}

// Adds an accepted event; false when the message is not plain.
bool add_event(Story& story, const Opened& opened, const rules::Lifecycle& lifecycle) {
    const json& event = opened.event;
    const std::string source = event["source"];
    const std::string service_type = event["type"].get<std::string>().substr(11);
    const std::string word = upper(event["data"]["status"]);
    const auto status = lifecycle.status_of(service_type, word);
    const Result<Instant> time = parse_rfc3339(event["time"].get<std::string>());
    const bool is_clamped = time.ok() && opened.store_time.has_value() &&
                            (time.value() - *opened.store_time).micros > kSkewMax;
    if (!status.has_value() || !time.ok() || is_clamped) {
        return false;
    }
    story.publications.emplace_back(source, event["id"]);
    story.events[{service_type, event["data"]["id"]}].push_back(
        {{time.value(), opened.stream_seq, static_cast<std::int64_t>(story.publications.size())},
         std::string(lifecycle.provider_of(source)),
         std::string(*status)});
    return true;
}

}  // namespace

std::vector<json> read_cases(const std::string& file_name) {
    const std::string path = std::string(DCM_CASES_DIR) + '/' + file_name;
    std::ifstream file(path);
    INFO("expected a file of cases: " << path);
    REQUIRE(file.good());
    std::vector<json> cases;
    std::string line;
    while (std::getline(file, line)) {
        cases.push_back(json::parse(line));
    }
    return cases;
}

std::optional<Story> story_of(const json& messages, const rules::Lifecycle& lifecycle) {
    Story story;
    std::set<std::pair<std::string, std::string>> seen;
    for (const json& message : messages) {
        const std::optional<Opened> opened = open_message(message);
        if (!opened.has_value() || !is_plain(opened->event)) {
            return std::nullopt;
        }
        const bool is_new = seen.emplace(opened->event["source"], opened->event["id"]).second;
        if (is_new && !add_event(story, *opened, lifecycle)) {
            return std::nullopt;
        }
    }
    return story;
}

}  // namespace dcm::billing
