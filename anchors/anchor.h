#pragma once

#include "audit/log_keys.h"
#include "audit/note.h"
#include "audit/note_stream.h"
#include "base/instant.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::anchors {

// A checkpoint, its signed note, and the keys that notes of its log are signed with.
struct SignedCheckpoint {
    audit::Checkpoint checkpoint;
    std::string note;
    audit::LogKeys keys;
};

// What a place holds: notes, one after the other.
struct AnchorContent {
    audit::TextParts notes;
    std::optional<Instant> written_at = std::nullopt;  // when the newest of them came there
    // So large was the newest checkpoint it took, as it says itself; 0 where it does not say so.
    std::int64_t size_told = 0;
};

// The place holds what this log cannot have led to: another copy of the database is anchored there.
// Trying again does not help.
class Diverged : public Failure {
public:
    explicit Diverged(const std::string& message) : Failure(ErrorKind::environment, message) {}
};

// The place no longer holds what was put there: it was emptied, or removed and made again.
class AnchorLost : public Failure {
public:
    explicit AnchorLost(const std::string& message) : Failure(ErrorKind::environment, message) {}
};

// A place outside the database that keeps signed notes: a file, a stream, a witness.
//
// One thread at a time calls. Every call ends within a bounded time, whatever the other side does.
class Anchor {
public:
    Anchor() = default;
    Anchor(const Anchor&) = delete;
    Anchor& operator=(const Anchor&) = delete;
    virtual ~Anchor() = default;

    // What people call it, without secrets.
    [[nodiscard]] virtual std::string name() const = 0;
    // Whether a network lies between: then a call may take seconds.
    [[nodiscard]] virtual bool is_remote() const = 0;
    // When it returns, the place holds the note durably; the same one again is fine. Throws Failure
    // (environment) when that is not so now, Diverged or AnchorLost when it cannot become so.
    virtual void keep(const SignedCheckpoint& checkpoint) = 0;
    // What the place holds, or its newest part; nullopt when there is nothing yet. Changes nothing.
    // Throws Failure (environment) when it cannot be read, AnchorLost as above.
    [[nodiscard]] virtual std::optional<AnchorContent> read() = 0;
    // The same for who needs the newest note only: however much the place holds, little is read.
    // The first of these notes can be torn.
    [[nodiscard]] virtual std::optional<AnchorContent> read_newest() { return read(); }
    // The log goes on under another name: what the place remembers of the notes before is not about
    // it any more.
    virtual void forget() {}
    // What keep() or read() saw of the place that could lose what it holds.
    [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
};

}  // namespace dcm::anchors
