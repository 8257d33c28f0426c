#pragma once

#include "audit/hash.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dcm::audit {

// A C2SP tlog-checkpoint: what a note signs.
struct Checkpoint {
    std::string origin;
    std::int64_t size = 0;
    Hash root{};

    bool operator==(const Checkpoint&) const = default;
};

// Origin, size and base64 root, a line each.
[[nodiscard]] std::string format_checkpoint(const Checkpoint& checkpoint);

// The origin line of a log's checkpoints, and its key's name: `<deployment>/audit/<log id>`.
struct LogName {
    std::string deployment;
    std::string log_id;
};
[[nodiscard]] std::string format_origin(const LogName& name);

// Whether a signed note may name a key so: not empty, UTF-8 without white space, controls and `+`.
[[nodiscard]] bool is_key_name(std::string_view name);

// What a key signs, as the byte before it in the signed-note form: a log the text of a note, a
// witness that text under a time (C2SP tlog-cosignature, `cosignature/v1`).
enum class KeyAlgorithm : std::uint8_t { note = 1, cosignature = 4 };

// When a witness cosigned, in seconds since 1970.
struct CosignedAt {
    std::int64_t seconds = 0;
};

// An Ed25519 verifier key in the signed-note form `<name>+<hash>+<base64>`.
class VerifierKey {
public:
    [[nodiscard]] static Result<VerifierKey> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t hash() const { return hash_; }
    [[nodiscard]] KeyAlgorithm algorithm() const { return algorithm_; }
    // `signature` as it stands in a note behind the key's hash; of a witness with its time.
    [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;
    // The time in a signature of a witness; nullopt for any other, and when it does not verify.
    [[nodiscard]] std::optional<CosignedAt> cosigned_at(std::string_view message,
                                                        std::string_view signature) const;

private:
    friend class SigningKey;
    VerifierKey(std::string name, KeyAlgorithm algorithm, std::string public_key);

    std::string name_;
    KeyAlgorithm algorithm_ = KeyAlgorithm::note;
    std::uint32_t hash_ = 0;
    std::string public_key_;  // 32 bytes
};

// An Ed25519 signing key with its name, in the form of golang.org/x/mod/sumdb/note:
// `PRIVATE+KEY+<name>+<hash>+<base64>`. Never printed, never logged.
class SigningKey {
public:
    // From 32 bytes of a cryptographic random generator, and a name that is_key_name accepts.
    [[nodiscard]] static SigningKey from_seed(std::string name, std::string_view seed);
    [[nodiscard]] static Result<SigningKey> parse(std::string_view text);
    // The secret form, for the key file only.
    [[nodiscard]] std::string secret_text() const;
    [[nodiscard]] const VerifierKey& verifier() const { return verifier_; }
    // The same key, for the cosignatures it makes.
    [[nodiscard]] VerifierKey cosigner() const;
    [[nodiscard]] std::string sign(std::string_view message) const;

private:
    SigningKey(VerifierKey verifier, std::string seed);

    VerifierKey verifier_;
    std::string seed_;
};

// The signed note: checkpoint text, blank line, `— <name> <base64(hash || signature)>`.
[[nodiscard]] std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);

// The same note with one signature more.
[[nodiscard]] std::string cosign(const std::string& note,
                                 const Checkpoint& checkpoint,
                                 const SigningKey& key);

// The signature line of a witness, to be put behind those of the checkpoint's note.
[[nodiscard]] std::string cosign_checkpoint(const Checkpoint& checkpoint,
                                            CosignedAt time,
                                            const SigningKey& key);
// What a witness signs.
[[nodiscard]] std::string cosigned_text(std::string_view checkpoint, CosignedAt time);

// Why a note was not accepted: the contracts give these different exit codes (3 and 1).
enum class NoteFault { malformed, unsigned_by_key };

struct NoteProblem {
    NoteFault fault = NoteFault::malformed;
    std::string message;
};

// A note whose form is right and that carries a valid signature of `key`; or what is wrong.
struct OpenedNote {
    std::variant<Checkpoint, NoteProblem> state;
};
[[nodiscard]] OpenedNote open_checkpoint(std::string_view note, const VerifierKey& key);
// When the witness with this key cosigned the note, by its own word; nullopt where it did not.
[[nodiscard]] std::optional<CosignedAt> cosigned_at(std::string_view note, const VerifierKey& key);
// What a note states, whoever signed it: for our own notes, which the reader of a proof opens.
[[nodiscard]] Result<Checkpoint> stated_checkpoint(std::string_view note);

inline constexpr std::size_t kNoteBytesMax = 1'000'000;
inline constexpr std::size_t kNoteSignaturesMax = 100;

// What a signature line begins with: an em dash and a space.
inline constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";

// All notes of a text, as NoteStream takes them off. An Error only for a piece that is too long.
[[nodiscard]] Result<std::vector<std::string>> split_notes(std::string_view text);

}  // namespace dcm::audit
