#pragma once

#include "base/encoding.h"
#include "base/message.h"
#include "billing/event.h"
#include "consumer/check_line.h"
#include "consumer/decode.h"
#include "consumer/json_lines.h"
#include "rules/lifecycle.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What the decoding tests share: sound messages to vary, and the verdict on a message as a word.
namespace dcm::consumer::decode_support {

using dcm::Duration;
using dcm::Header;
using dcm::Instant;
using dcm::Message;
using dcm::billing::Rejection;
using dcm::billing::StatusEvent;
using dcm::consumer::DecodeLimits;

inline constexpr Instant kStored{1'788'264'000LL * dcm::kMicrosPerSecond};  // 2026-09-01T12:00:00Z

inline constexpr std::string_view kAttributes =
    R"("specversion":"1.0","id":"a","source":"s","type":"dcm.status.vm")";
inline constexpr std::string_view kData = R"("data":{"id":"vm-1","status":"RUNNING"})";

inline const dcm::rules::Lifecycle& lifecycle() {
    static const dcm::rules::Lifecycle standard = dcm::rules::standard_lifecycle();
    return standard;
}

// `accepted`, or the reason code.
inline std::string verdict_of(const Message& message, const DecodeLimits& limits = {}) {
    const auto decision = dcm::consumer::decode(message, lifecycle(), limits);
    if (std::holds_alternative<StatusEvent>(decision)) return "accepted";
    return std::string(dcm::billing::reason_name(std::get<Rejection>(decision).reason));
}

inline Message structured(std::string payload) {
    Message message;
    message.subject = "dcm.vm";
    message.payload = std::move(payload);
    message.store_time = kStored;
    return message;
}

// A sound event with more members behind its data.
inline std::string event_with(std::string_view members) {
    std::string payload = "{";
    payload.append(kAttributes).append(",").append(kData);
    if (!members.empty()) payload.append(",").append(members);
    return payload.append("}");
}

inline std::string event_with_data(std::string_view data) {
    return "{" + std::string(kAttributes) + ",\"data\":" + std::string(data) + "}";
}

inline Message binary(std::vector<Header> more,
                      std::string payload = R"({"id":"vm-1","status":"RUNNING"})") {
    Message message = structured(std::move(payload));
    message.headers = {{"ce-specversion", "1.0"},
                       {"ce-id", "a"},
                       {"ce-source", "s"},
                       {"ce-type", "dcm.status.vm"}};
    message.headers.insert(message.headers.end(), more.begin(), more.end());
    return message;
}

inline Rejection rejection_of(const Message& message) {
    auto decision = dcm::consumer::decode(message, lifecycle(), DecodeLimits{});
    REQUIRE(std::holds_alternative<Rejection>(decision));
    return std::get<Rejection>(decision);
}

inline StatusEvent event_of(const Message& message) {
    auto decision = dcm::consumer::decode(message, lifecycle(), DecodeLimits{});
    REQUIRE(std::holds_alternative<StatusEvent>(decision));
    return std::get<StatusEvent>(decision);
}

struct Case {
    std::string payload;
    std::string verdict;
};

inline void check_payloads(const std::vector<Case>& cases) {
    for (const Case& expected : cases) {
        INFO(expected.payload.substr(0, 200));
        CHECK(verdict_of(structured(expected.payload)) == expected.verdict);
    }
}

}  // namespace dcm::consumer::decode_support
