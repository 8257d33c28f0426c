#include "consumer/stored_message.h"

#include "base/encoding.h"
#include "base/instant.h"
#include "consumer/jetstream_api.h"
#include "consumer/stream_setup.h"

#include <algorithm>

namespace dcm::consumer {
namespace {

using nlohmann::json;

constexpr std::string_view kLineEnd = "\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string decoded(const json& stored, std::string_view member) {
    auto bytes = base64_decode(text_member(stored, member));
    if (!bytes.has_value()) {
        throw Failure(ErrorKind::environment,
                      "expected base64 in " + std::string(member) + " of a stored message");
    }
    return std::move(*bytes);
}

// The first message at or after the sequence.
ApiAnswer ask_next(NatsConnection& connection, const std::string& stream, std::int64_t sequence) {
    const json body = {{"seq", sequence}, {"next_by_subj", ">"}};
    return ask_jetstream(connection, "STREAM.MSG.GET." + stream, body.dump());
}

}  // namespace

Message to_message(const json& stored, const StreamIdentity& stream) {
    const auto stored_ns = parse_created_ns(text_member(stored, "time"));
    if (!stored_ns.ok()) {
        throw Failure(ErrorKind::environment, "a stored message: " + stored_ns.error().message);
    }
    Message message;
    message.subject = text_member(stored, "subject");
    message.headers = parse_header_block(decoded(stored, "hdrs"));
    message.payload = decoded(stored, "data");
    message.store_time = Instant{stored_ns.value() / kNanosPerMicro};
    message.stream_seq = number_member(stored, "seq");
    message.position =
        BrokerPosition{stream.name, stream.created_ns, message.stream_seq, stored_ns.value()};
    return message;
}

std::vector<Header> parse_header_block(std::string_view block) {
    std::vector<Header> headers;
    std::size_t begin = block.find(kLineEnd);  // behind the version
    while (begin != std::string_view::npos) {
        begin += kLineEnd.size();
        const std::size_t end = block.find(kLineEnd, begin);
        const std::string_view line = block.substr(begin, end - begin);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && colon > 0) {
            headers.push_back(
                {std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
        }
        begin = end;
    }
    std::stable_sort(headers.begin(), headers.end(), [](const Header& left, const Header& right) {
        return left.name < right.name;
    });
    return headers;
}

StoredMessages read_stored(NatsConnection& connection,
                           const StreamIdentity& stream,
                           const store::SequenceRange& range,
                           std::size_t count_max) {
    StoredMessages out;
    out.looked_to = range.first - 1;
    std::size_t bytes = 0;
    while (out.looked_to < range.last && out.messages.size() < count_max && bytes < kPullBytesMax) {
        const ApiAnswer answer = ask_next(connection, stream.name, out.looked_to + 1);
        if (answer.is_passing || answer.error_code == kStreamNotFound) {
            throw Failure(ErrorKind::environment,
                          "the broker cannot look into stream '" + stream.name +
                              "' now: " + answer.error_text);
        }
        if (answer.error_code != 0 && answer.error_code != kMessageNotFound) {
            out.refusal = answer.error_text + " (" + std::to_string(answer.error_code) + ")";
            return out;
        }
        const json stored = object_member(answer.body, "message");
        const std::int64_t sequence = number_member(stored, "seq");
        if (answer.error_code == kMessageNotFound || sequence > range.last) {
            out.looked_to = range.last;
            return out;
        }
        if (sequence <= out.looked_to) {
            throw Failure(ErrorKind::environment,
                          "expected the message after sequence " + std::to_string(out.looked_to) +
                              " of stream '" + stream.name + "', found " +
                              std::to_string(sequence));
        }
        out.messages.push_back(to_message(stored, stream));
        bytes += out.messages.back().payload.size();
        out.looked_to = sequence;
    }
    return out;
}

bool gives_out_messages(NatsConnection& connection,
                        const StreamIdentity& stream,
                        std::int64_t sequence) {
    return read_stored(connection, stream, {sequence, sequence}, 1).refusal.empty();
}

}  // namespace dcm::consumer
