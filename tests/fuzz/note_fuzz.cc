// No input is a note of a key that did not sign it; what we sign opens, and no longer does after a
// byte was changed. Keys and the signer's state read back as they were written.
//
// Input: a place and a change in two bytes, then a text.

#include "audit/note.h"
#include "audit/note_stream.h"
#include "audit/signer.h"
#include "audit/verified_log.h"
#include "tests/fuzz/fuzz.h"

#include <string>
#include <variant>

namespace dcm::fuzz {
namespace {

using audit::Checkpoint;
using audit::SigningKey;

constexpr std::int64_t kSize = 1'234'567;

bool opens(std::string_view note, const SigningKey& key) {
    return std::holds_alternative<Checkpoint>(audit::open_checkpoint(note, key.verifier()).state);
}

void check_changed_note(const SigningKey& key, std::uint8_t place, std::uint8_t change) {
    const Checkpoint signed_one{key.verifier().name(), kSize, audit::empty_root()};
    std::string note = audit::sign_checkpoint(signed_one, key);
    DCM_CHECK(opens(note, key));
    char& changed = note[place % note.size()];
    changed = static_cast<char>(static_cast<std::uint8_t>(changed) ^ change);
    DCM_CHECK(opens(note, key) == (change == 0));
}

void check_keys(std::string_view text) {
    if (const auto verifier = audit::VerifierKey::parse(text); verifier.ok()) {
        DCM_CHECK(verifier.value().text() == text);
        DCM_CHECK(audit::is_key_name(verifier.value().name()));
    }
    if (const auto secret = SigningKey::parse(text); secret.ok()) {
        DCM_CHECK(secret.value().secret_text() == text);
    }
    if (audit::is_key_name(text)) {
        const SigningKey key = SigningKey::from_seed(std::string(text), std::string(32, 'k'));
        DCM_CHECK(SigningKey::parse(key.secret_text()).ok());
        DCM_CHECK(audit::VerifierKey::parse(key.verifier().text()).ok());
    }
}

// The notes of a text that comes in parts.
std::vector<std::string> notes_in_parts(std::string_view text, std::size_t part_bytes) {
    audit::NoteStream stream(audit::TextParts([text, part_bytes]() mutable {
        const std::string_view part = text.substr(0, part_bytes);
        text.remove_prefix(part.size());
        return std::string(part);
    }));
    std::vector<std::string> notes;
    while (const auto note = stream.next()) {
        DCM_CHECK(note->ok());
        notes.push_back(note->value());
    }
    return notes;
}

void check_splitting(std::string_view text) {
    const auto notes = audit::split_notes(text);
    if (!notes.ok()) return;
    for (const std::size_t part_bytes : {std::size_t{1}, std::size_t{5}, std::size_t{64}}) {
        DCM_CHECK(notes_in_parts(text, part_bytes) == notes.value());
    }
    std::string together;
    for (const std::string& note : notes.value()) {
        together += note;
    }
    DCM_CHECK(together == text);
}

}  // namespace

void examine(std::string_view bytes) {
    static const SigningKey key =
        SigningKey::from_seed("example/audit/0123456789abcdef", std::string(32, 's'));
    Input input(bytes);
    const std::uint8_t place = input.byte();
    const std::uint8_t change = input.byte();
    const std::string_view text = input.rest();
    check_changed_note(key, place, change);
    DCM_CHECK(!opens(text, key));
    check_keys(text);
    check_splitting(text);
    if (const auto verified = audit::parse_verified_log(text); verified.ok()) {
        DCM_CHECK(audit::format_verified_log(verified.value()) == text);
    }
    if (const auto state = audit::parse_signer_state(text); state.ok()) {
        DCM_CHECK(audit::format_signer_state(state.value()) == text);
    }
}

}  // namespace dcm::fuzz
