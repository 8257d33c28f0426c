// What a broker writes into subjects, headers and answers is read or refused, never trusted.
//
// Input: a reply subject, a status, a count of what is pending and a subject, a line each, then a
// body.

#include "consumer/ack_subject.h"
#include "consumer/jetstream_api.h"
#include "consumer/nats_message.h"
#include "consumer/nkey.h"
#include "consumer/pull_window.h"
#include "tests/fuzz/fuzz.h"

#include <memory>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

// cnats frees messages through its garbage collector, which is there once the library is open.
struct OpenLibrary {
    OpenLibrary() { DCM_CHECK(nats_Open(-1) == NATS_OK); }
    OpenLibrary(const OpenLibrary&) = delete;
    OpenLibrary& operator=(const OpenLibrary&) = delete;
    ~OpenLibrary() { static_cast<void>(nats_CloseAndWait(0)); }
};

struct MessageDeleter {
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using OwnMessage = std::unique_ptr<natsMsg, MessageDeleter>;

struct Parts {
    std::string reply;
    std::string status;
    std::string pending;
    std::string subject;
    std::string body;
};

OwnMessage message_of(const Parts& parts) {
    natsMsg* raw = nullptr;
    const natsStatus made = natsMsg_Create(&raw,
                                           parts.subject.c_str(),
                                           parts.reply.empty() ? nullptr : parts.reply.c_str(),
                                           parts.body.data(),
                                           static_cast<int>(parts.body.size()));
    if (made != NATS_OK) return nullptr;
    OwnMessage message(raw);
    static_cast<void>(natsMsgHeader_Set(raw, "Status", parts.status.c_str()));
    static_cast<void>(natsMsgHeader_Set(raw, "Nats-Pending-Messages", parts.pending.c_str()));
    static_cast<void>(natsMsgHeader_Set(raw, "Nats-Pending-Bytes", parts.pending.c_str()));
    return message;
}

std::vector<std::string> tokens_of(std::string_view subject) {
    std::vector<std::string> tokens(1);
    for (const char c : subject) {
        if (c == '.') {
            tokens.emplace_back();
        } else {
            tokens.back() += c;
        }
    }
    return tokens;
}

// Whatever was read stands in the subject, in its place from the end or from the beginning.
void check_ack(std::string_view subject) {
    const auto ack = consumer::parse_ack_subject(subject);
    if (!ack) return;
    const std::vector<std::string> tokens = tokens_of(subject);
    DCM_CHECK(tokens[0] == "$JS" && tokens[1] == "ACK");
    DCM_CHECK(tokens.size() == 9 || tokens.size() == 11 || tokens.size() == 12);
    const std::size_t start = tokens.size() == 9 ? 2 : 4;
    DCM_CHECK(ack->stream == tokens[start] && !ack->stream.empty());
    DCM_CHECK(ack->deliveries == std::stoll(tokens[start + 2]) && ack->deliveries >= 0);
    DCM_CHECK(ack->stream_seq == std::stoll(tokens[start + 3]) && ack->stream_seq >= 0);
    DCM_CHECK(ack->stored_ns == std::stoll(tokens[start + 5]) && ack->stored_ns >= 0);
    DCM_CHECK(ack->undelivered == std::stoll(tokens[start + 6]) && ack->undelivered >= 0);
}

// However a request ends, the window neither waits for less than nothing nor for more than asked.
void check_window(const consumer::PullStatus& status) {
    DCM_CHECK(status.undelivered == status.undelivered_bytes);  // of one text
    const consumer::PullSettings settings;
    consumer::PullWindow window(settings);
    const consumer::PullWindow::Time now{};
    while (window.wants_request()) {
        window.requested(now);
    }
    window.delivered();
    window.ended(status.request, status.undelivered);
    DCM_CHECK(window.awaited() >= 0);
    DCM_CHECK(window.awaited() <= settings.batch * settings.requests_max);
}

void check_answer(const std::string& body) {
    try {
        const consumer::ApiAnswer answer = consumer::read_answer("$JS.API.INFO", body);
        DCM_CHECK(answer.body.is_object());
        static_cast<void>(consumer::number_member(answer.body, "a"));
        static_cast<void>(consumer::text_member(answer.body, "a"));
        static_cast<void>(consumer::flag_member(answer.body, "a"));
        DCM_CHECK(consumer::object_member(answer.body, "a").is_object());
    } catch (const Failure& failure) {
        DCM_CHECK(failure.kind() == ErrorKind::environment);
    }
}

}  // namespace

void examine(std::string_view bytes) {
    static const OpenLibrary library;
    Input input(bytes);
    Parts parts;
    for (std::string* const part : {&parts.reply, &parts.status, &parts.pending, &parts.subject}) {
        *part = input.line();
    }
    parts.body = input.rest();
    check_ack(parts.reply);
    check_answer(parts.body);
    static_cast<void>(consumer::nkey_public_of_seed(parts.subject));
    const OwnMessage message = message_of(parts);
    if (message == nullptr) return;
    check_window(consumer::to_status(message.get()));
    if (!consumer::is_stream_message(message.get())) return;
    if (const auto read = consumer::to_message(message.get(), 0)) {
        DCM_CHECK(read->payload == parts.body);
        DCM_CHECK(read->position.has_value() && read->stream_seq == read->position->sequence);
    }
}

}  // namespace dcm::fuzz
