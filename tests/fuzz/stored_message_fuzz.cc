// What STREAM.MSG.GET answers, and the header block in it, is read or refused, never trusted.
//
// Input: the answer.

#include "base/encoding.h"
#include "consumer/jetstream_api.h"
#include "consumer/stored_message.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <string>

namespace dcm::fuzz {
namespace {

constexpr std::int64_t kCreated = 7;

void check_headers(std::string_view block) {
    const std::vector<Header> headers = consumer::parse_header_block(block);
    DCM_CHECK(
        std::is_sorted(headers.begin(), headers.end(), [](const Header& left, const Header& right) {
            return left.name < right.name;
        }));
    std::size_t bytes = 0;
    for (const Header& header : headers) {
        DCM_CHECK(!header.name.empty() && header.name.find(':') == std::string::npos);
        const std::string line = header.name + ":";
        DCM_CHECK(block.find("\r\n" + line) != std::string_view::npos);
        DCM_CHECK(block.find(header.value) != std::string_view::npos);
        DCM_CHECK(header.value.find("\r\n") == std::string::npos);
        bytes += line.size() + header.value.size();
    }
    DCM_CHECK(bytes <= block.size());
}

}  // namespace

void examine(std::string_view bytes) {
    check_headers(bytes);
    try {
        const consumer::ApiAnswer answer = consumer::read_answer("$JS.API.STREAM.MSG.GET", bytes);
        const auto stored = consumer::object_member(answer.body, "message");
        const Message message = consumer::to_message(stored, {"dcm-status", kCreated});
        DCM_CHECK(message.position.has_value() && message.position->created_ns == kCreated);
        DCM_CHECK(message.position->sequence == message.stream_seq);
        DCM_CHECK(message.stream_seq == consumer::number_member(stored, "seq"));
        DCM_CHECK(base64_decode(consumer::text_member(stored, "data")) == message.payload);
        const auto block = base64_decode(consumer::text_member(stored, "hdrs"));
        check_headers(block.value_or(""));
    } catch (const Failure& failure) {
        DCM_CHECK(failure.kind() == ErrorKind::environment);
    }
}

}  // namespace dcm::fuzz
