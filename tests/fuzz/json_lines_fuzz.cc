// Any line is a message; written as a line and read again it is decided alike.
//
// Input: one line.

#include "base/encoding.h"
#include "consumer/check_line.h"
#include "consumer/decode.h"
#include "consumer/json_lines.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <string>

namespace dcm::fuzz {
namespace {

constexpr Instant kReadAt{1'788'264'000LL * kMicrosPerSecond};  // 2026-09-01T12:00:00Z

// The values of each name, in their order; the order of the names is not kept.
std::vector<Header> by_name(std::vector<Header> headers) {
    std::stable_sort(headers.begin(), headers.end(), [](const Header& left, const Header& right) {
        return left.name < right.name;
    });
    return headers;
}

}  // namespace

void examine(std::string_view bytes) {
    static const rules::Lifecycle lifecycle = rules::standard_lifecycle();
    const auto decided = [](const Message& message) {
        return consumer::check_line(1, consumer::decode(message, lifecycle, {}));
    };
    const Message message = consumer::message_from_line(bytes, kReadAt);
    const std::string verdict = decided(message);
    DCM_CHECK(is_utf8(verdict) && verdict.find('\n') == std::string::npos);
    DCM_CHECK(message.stream_seq >= 0);
    const std::string line = consumer::line_from_message(message);
    DCM_CHECK(is_utf8(line) && line.find('\n') == std::string::npos);
    const Message again = consumer::message_from_line(line, message.store_time);
    DCM_CHECK(again.subject == message.subject);
    DCM_CHECK(again.payload == message.payload);
    DCM_CHECK(again.stream_seq == message.stream_seq);
    DCM_CHECK(again.store_time == message.store_time);
    DCM_CHECK(by_name(again.headers) == by_name(message.headers));
    DCM_CHECK(decided(again) == verdict);
}

}  // namespace dcm::fuzz
