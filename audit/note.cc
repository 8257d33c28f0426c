#include "audit/note.h"

#include "audit/note_stream.h"
#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kKeyHashBytes = 4;
// Unicode's White_Space beyond ASCII, as UTF-8: what no key name may contain.
constexpr std::array<std::string_view, 19> kWideSpaces{"\xC2\x85",
                                                       "\xC2\xA0",
                                                       "\xE1\x9A\x80",
                                                       "\xE2\x80\x80",
                                                       "\xE2\x80\x81",
                                                       "\xE2\x80\x82",
                                                       "\xE2\x80\x83",
                                                       "\xE2\x80\x84",
                                                       "\xE2\x80\x85",
                                                       "\xE2\x80\x86",
                                                       "\xE2\x80\x87",
                                                       "\xE2\x80\x88",
                                                       "\xE2\x80\x89",
                                                       "\xE2\x80\x8A",
                                                       "\xE2\x80\xA8",
                                                       "\xE2\x80\xA9",
                                                       "\xE2\x80\xAF",
                                                       "\xE2\x81\x9F",
                                                       "\xE3\x80\x80"};

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20;
}

// Removes the first line, without its line feed, from the text. The text ends with a line feed.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<std::int64_t> parse_size(std::string_view digits) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    // Written back, it must be the same text: no minus zero and no leading zeros.
    if (!whole || size < 0 || std::to_string(size) != digits) {
        return std::nullopt;
    }
    return size;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    if (std::count(text.begin(), text.end(), '\n') != 3) {
        return malformed("expected a checkpoint of three lines and no extension lines");
    }
    Checkpoint checkpoint;
    checkpoint.origin = take_line(text);
    if (checkpoint.origin.empty() || checkpoint.origin.starts_with(kByteOrderMark)) {
        return malformed("expected an origin on the checkpoint's first line");
    }
    const std::optional<std::int64_t> size = parse_size(take_line(text));
    if (!size) {
        return malformed("expected a size of 0 to 2^63-1 without leading zeros on line 2");
    }
    checkpoint.size = *size;
    const std::optional<std::string> bytes = base64_decode(take_line(text));
    const std::optional<Hash> root = bytes ? hash_from_bytes(*bytes) : std::nullopt;
    if (!root) {
        return malformed("expected 32 bytes in canonical base64 on line 3");
    }
    checkpoint.root = *root;
    return checkpoint;
}

struct NoteParts {
    std::string_view text;        // what is signed, with its last line feed
    std::string_view signatures;  // whole lines
};

Result<NoteParts> split_parts(std::string_view note) {
    if (note.size() > kNoteBytesMax) {
        return malformed("expected a note of at most " + std::to_string(kNoteBytesMax) +
                         " bytes, got " + std::to_string(note.size()));
    }
    const bool foreign_control = std::any_of(
        note.begin(), note.end(), [](char byte) { return is_control(byte) && byte != '\n'; });
    if (foreign_control || !is_utf8(note)) {
        return malformed("expected a note in UTF-8 without carriage returns and other controls");
    }
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos || blank + 2 == note.size() || note.back() != '\n') {
        return malformed("expected a note that ends with a blank line and whole signature lines");
    }
    return NoteParts{note.substr(0, blank + 1), note.substr(blank + 2)};
}

struct Signature {
    std::string_view name;
    std::string bytes;  // key hash and signature
};

std::optional<Signature> parse_signature(std::string_view line) {
    if (!line.starts_with(kSignaturePrefix)) {
        return std::nullopt;
    }
    line.remove_prefix(kSignaturePrefix.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) {
        return std::nullopt;
    }
    std::optional<std::string> bytes = base64_decode(line.substr(space + 1));
    const std::string_view name = line.substr(0, space);
    if (!is_key_name(name) || !bytes || bytes->size() <= kKeyHashBytes) {
        return std::nullopt;
    }
    return Signature{name, *std::move(bytes)};
}

std::string key_hash_bytes(const VerifierKey& key) {
    std::string bytes;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        bytes += static_cast<char>((key.hash() >> (shift - 8)) & 0xFFU);
    }
    return bytes;
}

std::string signature_line(const VerifierKey& key, const std::string& signature) {
    return std::string(kSignaturePrefix) + key.name() + " " +
           base64_encode(as_bytes(key_hash_bytes(key) + signature)) + "\n";
}

// What the key signed, or nullopt when no line is of that key. Every line must be well formed. As
// in sumdb/note the first line of a key decides; what repeats it later is not looked at.
Result<std::optional<std::string>> find_signature(std::string_view lines, const VerifierKey& key) {
    const std::string own_hash = key_hash_bytes(key);
    std::optional<std::string> found;
    for (std::size_t count = 1; !lines.empty(); ++count) {
        if (count > kNoteSignaturesMax) {
            return malformed("expected at most " + std::to_string(kNoteSignaturesMax) +
                             " signatures on a note, got more");
        }
        const std::optional<Signature> signature = parse_signature(take_line(lines));
        if (!signature) {
            return malformed("expected `\xE2\x80\x94 <name> <base64>` on signature line " +
                             std::to_string(count));
        }
        if (!found && signature->name == key.name() && signature->bytes.starts_with(own_hash)) {
            found = signature->bytes.substr(kKeyHashBytes);
        }
    }
    return found;
}

// A well-formed note with a signature line of the key, which may or may not verify.
struct NoteWithSignature {
    Checkpoint checkpoint;
    std::string_view text;
    std::string signature;
};
using FoundNote = std::variant<NoteWithSignature, NoteProblem>;

FoundNote find_in(std::string_view note, const VerifierKey& key) {
    const Result<NoteParts> parts = split_parts(note);
    if (!parts.ok()) {
        return NoteProblem{NoteFault::malformed, parts.error().message};
    }
    const Result<Checkpoint> checkpoint = parse_checkpoint(parts.value().text);
    if (!checkpoint.ok()) {
        return NoteProblem{NoteFault::malformed, checkpoint.error().message};
    }
    const Result<std::optional<std::string>> signature =
        find_signature(parts.value().signatures, key);
    if (!signature.ok()) {
        return NoteProblem{NoteFault::malformed, signature.error().message};
    }
    if (!signature.value()) {
        return NoteProblem{NoteFault::unsigned_by_key,
                           "expected a signature of the key, found none"};
    }
    return NoteWithSignature{checkpoint.value(), parts.value().text, *signature.value()};
}

}  // namespace

std::string format_checkpoint(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
           to_base64(checkpoint.root) + "\n";
}

std::string format_origin(const LogName& name) {
    return name.deployment + "/audit/" + name.log_id;
}

bool is_key_name(std::string_view name) {
    const auto forbidden = [](char byte) { return is_control(byte) || byte == ' ' || byte == '+'; };
    if (name.empty() || !is_utf8(name) || std::any_of(name.begin(), name.end(), forbidden)) {
        return false;
    }
    return std::none_of(kWideSpaces.begin(), kWideSpaces.end(), [name](std::string_view space) {
        return name.find(space) != std::string_view::npos;
    });
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
    return cosign(format_checkpoint(checkpoint) + "\n", checkpoint, key);
}

std::string cosign(const std::string& note, const Checkpoint& checkpoint, const SigningKey& key) {
    return note + signature_line(key.verifier(), key.sign(format_checkpoint(checkpoint)));
}

std::string cosigned_text(std::string_view checkpoint, CosignedAt time) {
    return "cosignature/v1\ntime " + std::to_string(time.seconds) + "\n" + std::string(checkpoint);
}

std::string cosign_checkpoint(const Checkpoint& checkpoint,
                              CosignedAt time,
                              const SigningKey& key) {
    std::string timestamp;
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        timestamp +=
            static_cast<char>((static_cast<std::uint64_t>(time.seconds) >> (shift - 8)) & 0xFFU);
    }
    return signature_line(key.cosigner(),
                          timestamp + key.sign(cosigned_text(format_checkpoint(checkpoint), time)));
}

Result<Checkpoint> stated_checkpoint(std::string_view note) {
    const Result<NoteParts> parts = split_parts(note);
    return parts.ok() ? parse_checkpoint(parts.value().text) : parts.error();
}

OpenedNote open_checkpoint(std::string_view note, const VerifierKey& key) {
    FoundNote found = find_in(note, key);
    if (auto* const problem = std::get_if<NoteProblem>(&found)) {
        return {std::move(*problem)};
    }
    auto& with = std::get<NoteWithSignature>(found);
    if (!key.verifies(with.text, with.signature)) {
        return {NoteProblem{NoteFault::unsigned_by_key,
                            "expected a valid signature of the key, it does not verify"}};
    }
    return {std::move(with.checkpoint)};
}

std::optional<CosignedAt> cosigned_at(std::string_view note, const VerifierKey& key) {
    const FoundNote found = find_in(note, key);
    const auto* const with = std::get_if<NoteWithSignature>(&found);
    return with == nullptr ? std::nullopt : key.cosigned_at(with->text, with->signature);
}

Result<std::vector<std::string>> split_notes(std::string_view text) {
    std::vector<std::string> notes;
    NoteStream stream{std::string(text)};
    while (std::optional<Result<std::string>> note = stream.next()) {
        if (!note->ok()) {
            return note->error();
        }
        notes.push_back(std::move(*note).value());
    }
    return notes;
}

}  // namespace dcm::audit
