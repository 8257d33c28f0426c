#pragma once

#include "audit/hash.h"
#include "audit/note.h"
#include "audit/note_stream.h"
#include "audit/record.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dcm::audit {

// A record by which a log went on under another key (docs/formats/keys.md): `key.rotated`, or
// `log.forked`, which gives it another name, too, because it goes on behind an older copy.
struct KeyChange {
    enum class Kind { rotated, forked };

    Kind kind = Kind::rotated;
    std::int64_t seq = 0;
    VerifierKey old_key;
    VerifierKey new_key;
    // Of a fork: what had been signed, and why the log goes on without it.
    std::int64_t lost_size = 0;
    Hash lost_root{};
    std::string reason;

    // The size whose checkpoint both keys sign.
    [[nodiscard]] std::int64_t size() const { return seq + 1; }
};

[[nodiscard]] bool is_key_change(const Record& record);
// Kind, subject and body of the record that tells the change; the caller adds who and when.
void fill_key_change(const KeyChange& change, Record& record);
// An Error when the body is not one that fill_key_change writes.
[[nodiscard]] Result<KeyChange> parse_key_change(const Record& record);

// The keys of one log, and at which sizes the signature of each counts: an older one's up to its
// change, a newer one's from there on.
class LogKeys {
public:
    // A log that has had one key.
    LogKeys(VerifierKey only);  // NOLINT(google-explicit-constructor): the ordinary case
    // The keys of a log with these changes, in the order of the log, of which one is trusted. Where
    // that one is not among them, it stands alone. An Error when a record is no change, or the
    // changes do not follow each other.
    [[nodiscard]] static Result<LogKeys> follow(const VerifierKey& trusted,
                                                const std::vector<Record>& changes);

    // The one that signs now; its name is the log's.
    [[nodiscard]] const VerifierKey& newest() const { return keys_.back(); }
    [[nodiscard]] const std::vector<VerifierKey>& all() const { return keys_; }
    // changes()[i] leads from all()[i] to all()[i + 1].
    [[nodiscard]] const std::vector<KeyChange>& changes() const { return changes_; }
    // Those behind the trusted key: it does not speak for their keys by itself.
    [[nodiscard]] std::vector<KeyChange> changes_to_prove() const;

private:
    std::vector<VerifierKey> keys_;
    std::vector<KeyChange> changes_;
    std::size_t trusted_ = 0;
};

// What a note of a log says.
struct LogNote {
    Checkpoint checkpoint;
    // Of a branch that a fork left behind: it is no claim about the records.
    bool is_lost = false;
};
struct OpenedLogNote {
    std::variant<LogNote, NoteProblem> state;
};
// Opens a note by the keys of its log: it must be signed by the key that counts at its size, under
// that key's name; that of a change, by both.
[[nodiscard]] OpenedLogNote open_log_note(std::string_view note, const LogKeys& keys);

// Whether the only key that is known of a log came after it, as a copy from before a change of keys
// shows it: the log's newest note is another key's, and the known one signed more records.
struct KeyEvidence {
    const LogKeys& keys;
    std::string_view newest_stored;   // of the log
    std::int64_t size = 0;            // of the log
    std::int64_t largest_signed = 0;  // of what the key signed, as is known elsewhere
};
[[nodiscard]] bool came_after(const KeyEvidence& evidence);
// The size of the largest note in a text of notes that the keys signed; 0 when there is none. Reads
// the text to its end.
[[nodiscard]] std::int64_t largest_signed(TextParts notes, const LogKeys& keys);

}  // namespace dcm::audit
