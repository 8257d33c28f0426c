#include "audit/log_keys.h"

#include "audit/verdict.h"
#include "base/encoding.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace dcm::audit {
namespace {

using Kind = KeyChange::Kind;

NoteProblem not_signed(std::string message) {
    return {NoteFault::unsigned_by_key, std::move(message)};
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                       : std::nullopt;
}

struct KeyPair {
    VerifierKey old_key;
    VerifierKey new_key;
};

std::optional<KeyPair> keys_of(const nlohmann::json& body) {
    const auto old_text = text_member(body, "old_key");
    const auto new_text = text_member(body, "new_key");
    if (!old_text || !new_text) {
        return std::nullopt;
    }
    Result<VerifierKey> old_key = VerifierKey::parse(*old_text);
    Result<VerifierKey> new_key = VerifierKey::parse(*new_text);
    if (!old_key.ok() || !new_key.ok()) {
        return std::nullopt;
    }
    return KeyPair{std::move(old_key).value(), std::move(new_key).value()};
}

bool fill_fork(const nlohmann::json& body, KeyChange& change) {
    const auto reason = text_member(body, "reason");
    const auto root_text = text_member(body, "lost_root");
    const auto bytes = root_text ? base64_decode(*root_text) : std::nullopt;
    const auto root = bytes ? hash_from_bytes(*bytes) : std::nullopt;
    const auto size = body.find("lost_size");
    if (!reason || !root || size == body.end() || !size->is_number_integer()) {
        return false;
    }
    change.reason = *reason;
    change.lost_root = *root;
    change.lost_size = size->get<std::int64_t>();
    return true;
}

// Whether the key signed the note; a problem when its signature does not verify.
struct Signed {
    bool is_signed = false;
    std::optional<NoteProblem> problem;
};

Signed signed_by(std::string_view note, const VerifierKey& key) {
    const OpenedNote opened = open_checkpoint(note, key);
    if (const auto* const problem = std::get_if<NoteProblem>(&opened.state)) {
        return {false, *problem};
    }
    return {true, std::nullopt};
}

// The change whose checkpoint this is, if it is one.
const KeyChange* change_at(const LogKeys& keys, std::size_t key, const Checkpoint& checkpoint) {
    for (std::size_t i = 0; i < keys.changes().size(); ++i) {
        const KeyChange& change = keys.changes()[i];
        const bool is_of_either = key == i || key == i + 1;
        if (is_of_either && checkpoint.size == change.size() &&
            checkpoint.origin == change.new_key.name()) {
            return &change;
        }
    }
    return nullptr;
}

std::string in_record(const KeyChange& change) {
    return "record " + std::to_string(change.seq);
}

// The note is signed by the key at this place among the keys.
std::variant<LogNote, NoteProblem> judge(std::string_view note,
                                         const Checkpoint& checkpoint,
                                         const LogKeys& keys,
                                         std::size_t key) {
    if (const KeyChange* const change = change_at(keys, key, checkpoint)) {
        if (!signed_by(note, change->old_key).is_signed ||
            !signed_by(note, change->new_key).is_signed) {
            return not_signed("expected the signatures of both keys on the checkpoint of " +
                              in_record(*change) + ", which changes them, found one");
        }
        return LogNote{checkpoint, false};
    }
    if (key > 0 && checkpoint.size < keys.changes()[key - 1].size()) {
        return not_signed("expected a signature of the key before " +
                          in_record(keys.changes()[key - 1]) + ", found one of the key after it");
    }
    if (key < keys.changes().size()) {
        const KeyChange& next = keys.changes()[key];
        if (next.kind == Kind::forked && checkpoint.size > next.seq &&
            checkpoint.size <= next.lost_size) {
            return LogNote{checkpoint, true};
        }
        if (checkpoint.size > next.seq) {
            return not_signed("the key was retired by " + in_record(next) +
                              ", and signed a checkpoint of " + std::to_string(checkpoint.size) +
                              " records");
        }
    }
    return LogNote{checkpoint, false};
}

}  // namespace

bool is_key_change(const Record& record) {
    return record.kind == kKeyRotated || record.kind == kLogForked;
}

void fill_key_change(const KeyChange& change, Record& record) {
    nlohmann::json body{{"new_key", change.new_key.text()}, {"old_key", change.old_key.text()}};
    if (change.kind == Kind::forked) {
        body["lost_root"] = to_base64(change.lost_root);
        body["lost_size"] = change.lost_size;
        body["reason"] = change.reason;
    }
    record.kind = change.kind == Kind::forked ? kLogForked : kKeyRotated;
    record.subject = "key/" + change.new_key.name();
    record.outcome = kOutcomeDone;
    record.body = body.dump();
}

Result<KeyChange> parse_key_change(const Record& record) {
    const nlohmann::json body =
        nlohmann::json::parse(record.body.value_or(""), nullptr, /*allow_exceptions=*/false);
    auto keys = body.is_object() ? keys_of(body) : std::nullopt;
    if (keys) {
        KeyChange change{record.kind == kLogForked ? Kind::forked : Kind::rotated,
                         record.seq,
                         std::move(keys->old_key),
                         std::move(keys->new_key),
                         0,
                         {},
                         ""};
        if (change.kind == Kind::rotated || fill_fork(body, change)) {
            return change;
        }
    }
    return malformed("record " + std::to_string(record.seq) +
                     ": expected a change of keys, got something else");
}

LogKeys::LogKeys(VerifierKey only) : keys_{std::move(only)} {}

Result<LogKeys> LogKeys::follow(const VerifierKey& trusted, const std::vector<Record>& changes) {
    LogKeys keys(trusted);
    for (const Record& record : changes) {
        Result<KeyChange> parsed = parse_key_change(record);
        if (!parsed.ok()) {
            return parsed.error();
        }
        const KeyChange& change = keys.changes_.emplace_back(std::move(parsed).value());
        if (keys.changes_.size() == 1) {
            keys.keys_ = {change.old_key};
        }
        if (change.old_key.text() != keys.newest().text()) {
            return malformed(in_record(change) + " changes the key " + change.old_key.text() +
                             ", and the log's was " + keys.newest().text());
        }
        keys.keys_.push_back(change.new_key);
    }
    const auto found =
        std::find_if(keys.keys_.begin(), keys.keys_.end(), [&trusted](const VerifierKey& key) {
            return key.text() == trusted.text();
        });
    if (found == keys.keys_.end()) {
        return LogKeys(trusted);
    }
    keys.trusted_ = static_cast<std::size_t>(found - keys.keys_.begin());
    return keys;
}

std::vector<KeyChange> LogKeys::changes_to_prove() const {
    return {changes_.begin() + static_cast<std::ptrdiff_t>(std::min(trusted_, changes_.size())),
            changes_.end()};
}

OpenedLogNote open_log_note(std::string_view note, const LogKeys& keys) {
    NoteProblem problem;
    for (std::size_t key = keys.all().size(); key > 0; --key) {
        const VerifierKey& one = keys.all()[key - 1];
        const OpenedNote opened = open_checkpoint(note, one);
        if (const auto* const found = std::get_if<NoteProblem>(&opened.state)) {
            problem = *found;
            if (problem.fault == NoteFault::malformed) {
                break;
            }
            continue;
        }
        const auto& checkpoint = std::get<Checkpoint>(opened.state);
        // The old key signs the checkpoint of a change under the new name, too.
        if (checkpoint.origin != one.name() && change_at(keys, key - 1, checkpoint) == nullptr) {
            problem = not_signed("expected the origin " + printable(one.name()) + ", got " +
                                 printable(checkpoint.origin));
            continue;
        }
        const auto judged = judge(note, checkpoint, keys, key - 1);
        return {judged};
    }
    return {problem};
}

bool came_after(const KeyEvidence& evidence) {
    const OpenedLogNote newest = open_log_note(evidence.newest_stored, evidence.keys);
    const auto* const problem = std::get_if<NoteProblem>(&newest.state);
    return evidence.keys.changes().empty() && evidence.largest_signed > evidence.size &&
           problem != nullptr && problem->fault == NoteFault::unsigned_by_key;
}

std::int64_t largest_signed(TextParts notes, const LogKeys& keys) {
    std::int64_t largest = 0;
    NoteStream stream(std::move(notes));
    while (const auto note = stream.next()) {
        if (!note->ok()) {
            break;
        }
        const OpenedLogNote opened = open_log_note(note->value(), keys);
        if (const auto* const found = std::get_if<LogNote>(&opened.state)) {
            largest = std::max(largest, found->checkpoint.size);
        }
    }
    return largest;
}

}  // namespace dcm::audit
