#pragma once

#include "base/instant.h"
#include "consumer/nats_connection.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

// A message of a stream of notes.
struct StreamNote {
    std::int64_t sequence = 0;
    Instant stored_at;
    std::string text;
};

// A stream in which signed notes are kept for ever: `<subjects>` is audit.anchor.>, each log has
// the subject audit.anchor.<log id>. It is ours: it is created where there is none.
//
// One thread uses it. Every function throws Failure (environment) when the broker cannot be asked.
class NoteStream {
public:
    // The connection outlives this.
    NoteStream(NatsConnection& connection, std::string stream, std::string subject);

    // When the stream was created, in nanoseconds; nullopt when there is none.
    [[nodiscard]] std::optional<std::int64_t> created_ns();
    // Creates it: no limit on age and size, nothing discarded, deleted or purged.
    std::int64_t create();
    // The newest note of the subject.
    [[nodiscard]] std::optional<StreamNote> newest();
    // Appends a note, provided that the subject's newest sequence is this (0: none), and returns
    // its own; nullopt when it is another one: somebody else wrote meanwhile.
    [[nodiscard]] std::optional<std::int64_t> append(std::string_view note,
                                                     std::int64_t newest_sequence);
    // What in the settings of the stream, as created_ns() saw them, could lose notes.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

private:
    NatsConnection& connection_;
    std::string stream_;
    std::string subject_;
    std::vector<std::string> warnings_;
};

inline constexpr const char* kNoteSubjects = "audit.anchor.>";

// The settings with which the stream is created, and what in others could lose notes. Pure.
[[nodiscard]] nlohmann::json note_stream_config(const std::string& stream);
[[nodiscard]] std::vector<std::string> judge_note_stream(const nlohmann::json& config);

}  // namespace dcm::consumer
