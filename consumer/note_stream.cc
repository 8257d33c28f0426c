#include "consumer/note_stream.h"

#include "base/encoding.h"
#include "base/instant.h"
#include "base/result.h"
#include "consumer/durable_check.h"
#include "consumer/jetstream_api.h"
#include "consumer/stream_setup.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace dcm::consumer {
namespace {

using nlohmann::json;

// Another message came to the subject than the one that was expected to be the last.
constexpr std::int64_t kWrongLastSequence = 10'071;
constexpr const char* kExpectedSequence = "Nats-Expected-Last-Subject-Sequence";

[[noreturn]] void fail(const std::string& what, const ApiAnswer& answer) {
    throw Failure(ErrorKind::environment,
                  what + ": " + answer.error_text + " (" + std::to_string(answer.error_code) + ")");
}

std::int64_t created_of(const ApiAnswer& answer, const std::string& stream) {
    const auto created = parse_created_ns(text_member(answer.body, "created"));
    if (!created.ok()) {
        throw Failure(ErrorKind::environment,
                      "stream '" + stream + "': " + created.error().message);
    }
    return created.value();
}

bool has_limit(const json& config, std::string_view name) {
    return number_member(config, name) > 0;
}

}  // namespace

json note_stream_config(const std::string& stream) {
    return {
        {"name", stream},
        {"subjects", json::array({kNoteSubjects})},
        {"retention", "limits"},
        {"storage", "file"},
        {"discard", "new"},
        {"max_consumers", -1},
        {"max_msgs", -1},
        {"max_msgs_per_subject", -1},
        {"max_bytes", -1},
        {"max_age", 0},
        {"max_msg_size", -1},
        {"num_replicas", 1},
        {"deny_delete", true},
        {"deny_purge", true},
        {"allow_rollup_hdrs", false},
    };
}

std::vector<std::string> judge_note_stream(const json& config) {
    std::vector<std::string> warnings;
    const auto expect = [&warnings](bool is_so, const std::string& what) {
        if (!is_so) {
            warnings.push_back("expected " + what);
        }
    };
    expect(flag_member(config, "deny_delete"), "deny_delete: single notes can be deleted");
    expect(flag_member(config, "deny_purge"), "deny_purge: it can be emptied");
    expect(!flag_member(config, "allow_rollup_hdrs"),
           "no allow_rollup_hdrs: one message can replace all others");
    expect(!has_limit(config, "max_age"), "no max_age: notes expire");
    for (const char* const limit : {"max_msgs", "max_msgs_per_subject", "max_bytes"}) {
        expect(!has_limit(config, limit), std::string("no ") + limit + ": room for notes ends");
    }
    expect(text_member(config, "discard") == "new", "discard: new, as old notes are not to go");
    expect(text_member(config, "retention") == "limits",
           "retention: limits, as readers are not to remove notes");
    expect(text_member(config, "storage") == "file", "storage: file");
    return warnings;
}

NoteStream::NoteStream(NatsConnection& connection, std::string stream, std::string subject)
    : connection_(connection), stream_(std::move(stream)), subject_(std::move(subject)) {}

std::optional<std::int64_t> NoteStream::created_ns() {
    const ApiAnswer answer = ask_jetstream(connection_, "STREAM.INFO." + stream_, "");
    if (answer.error_code == kStreamNotFound) {
        return std::nullopt;
    }
    if (answer.error_code != 0) {
        fail("cannot read stream '" + stream_ + "'", answer);
    }
    const json config = object_member(answer.body, "config");
    const auto subjects = config.find("subjects");
    bool takes_notes = false;
    for (const json& subject : subjects != config.end() ? *subjects : json::array()) {
        takes_notes = takes_notes || (subject.is_string() &&
                                      subject_covers({subject.get<std::string>()}, {subject_}));
    }
    if (!takes_notes) {
        throw Failure(ErrorKind::environment,
                      "stream '" + stream_ + "': expected it to carry " + subject_ +
                          ": name another stream, or add " + kNoteSubjects + " to its subjects");
    }
    warnings_ = judge_note_stream(config);
    return created_of(answer, stream_);
}

std::int64_t NoteStream::create() {
    const ApiAnswer answer =
        ask_jetstream(connection_, "STREAM.CREATE." + stream_, note_stream_config(stream_).dump());
    if (answer.error_code != 0) {
        fail("cannot create stream '" + stream_ + "'", answer);
    }
    warnings_ = judge_note_stream(object_member(answer.body, "config"));
    return created_of(answer, stream_);
}

std::optional<StreamNote> NoteStream::newest() {
    const json body = {{"last_by_subj", subject_}};
    const ApiAnswer answer = ask_jetstream(connection_, "STREAM.MSG.GET." + stream_, body.dump());
    if (answer.error_code == kMessageNotFound || answer.error_code == kStreamNotFound) {
        return std::nullopt;
    }
    if (answer.error_code != 0) {
        fail("cannot read from stream '" + stream_ + "'", answer);
    }
    const json message = object_member(answer.body, "message");
    const auto stored_ns = parse_created_ns(text_member(message, "time"));
    const auto text = base64_decode(text_member(message, "data"));
    if (!stored_ns.ok() || !text) {
        throw Failure(ErrorKind::environment,
                      "expected a stored message in the answer about stream '" + stream_ + "'");
    }
    return StreamNote{
        number_member(message, "seq"), Instant{stored_ns.value() / kNanosPerMicro}, *text};
}

std::optional<std::int64_t> NoteStream::append(std::string_view note,
                                               std::int64_t newest_sequence) {
    const std::string text =
        connection_.request(subject_, note, {{kExpectedSequence, std::to_string(newest_sequence)}});
    const ApiAnswer answer = read_answer(subject_, text);
    if (answer.error_code == kWrongLastSequence) {
        return std::nullopt;
    }
    if (answer.error_code != 0) {
        fail("stream '" + stream_ + "' does not take the note", answer);
    }
    if (text_member(answer.body, "stream") != stream_) {
        throw Failure(ErrorKind::environment,
                      "expected stream '" + stream_ + "' to take the note, stream '" +
                          text_member(answer.body, "stream") + "' did");
    }
    return number_member(answer.body, "seq");
}

}  // namespace dcm::consumer
