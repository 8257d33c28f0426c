#include "audit/note.h"

#include "base/encoding.h"
#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::kOrigin;

const std::string kRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

SigningKey key_of(char seed, const std::string& name = kOrigin) {
    return SigningKey::from_seed(name, std::string(32, seed));
}

// Signs any text as a note, well formed or not.
std::string sign_text(const std::string& text, const SigningKey& key) {
    const std::string hash =
        *hex_decode(key.verifier().text().substr(key.verifier().name().size() + 1, 8));
    const std::string bytes = hash + key.sign(text);
    return text + "\n\xE2\x80\x94 " + key.verifier().name() + " " + base64_encode(as_bytes(bytes)) +
           "\n";
}

std::string signature_line(const std::string& note) {
    return note.substr(note.find("\n\n") + 2);
}

std::string verdict(const std::string& note, const VerifierKey& key) {
    const OpenedNote opened = open_checkpoint(note, key);
    const auto* problem = std::get_if<NoteProblem>(&opened.state);
    if (problem == nullptr) {
        return "ok";
    }
    CHECK_FALSE(problem->message.empty());
    return problem->fault == NoteFault::malformed ? "malformed" : "unsigned";
}

TEST_CASE("a signed checkpoint opens to what was signed", "[note]") {
    const SigningKey key = key_of('k');
    for (const std::int64_t size : {std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
        const Checkpoint checkpoint{kOrigin, size, empty_root()};
        const std::string note = sign_checkpoint(checkpoint, key);
        CHECK(note == sign_text(format_checkpoint(checkpoint), key));
        const OpenedNote opened = open_checkpoint(note, key.verifier());
        REQUIRE(std::holds_alternative<Checkpoint>(opened.state));
        CHECK(std::get<Checkpoint>(opened.state) == checkpoint);
    }
    CHECK(format_checkpoint({kOrigin, 5, empty_root()}) == kOrigin + "\n5\n" + kRoot + "\n");
    CHECK(format_origin({.deployment = "example", .log_id = "0123456789abcdef"}) == kOrigin);
}

TEST_CASE("fault 20: a checkpoint of any other form is malformed, though its signature is valid",
          "[note]") {
    const SigningKey key = key_of('k');
    const std::vector<std::string> texts{
        kOrigin + "\n05\n" + kRoot + "\n",
        kOrigin + "\n+5\n" + kRoot + "\n",
        kOrigin + "\n-0\n" + kRoot + "\n",
        kOrigin + "\n-1\n" + kRoot + "\n",
        kOrigin + "\n 5\n" + kRoot + "\n",
        kOrigin + "\n5.0\n" + kRoot + "\n",
        kOrigin + "\n0x5\n" + kRoot + "\n",
        kOrigin + "\n\n" + kRoot + "\n",
        kOrigin + "\n9223372036854775808\n" + kRoot + "\n",
        kOrigin + "\n18446744073709551616\n" + kRoot + "\n",
        kOrigin + "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        kOrigin + "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
        kOrigin + "\n5\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        kOrigin + "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n",
        kOrigin + "\n5\n " + kRoot + "\n",
        kOrigin + "\n5\n" + kRoot + "\nextension\n",
        kOrigin + "\n5\n" + kRoot + "\n\n",
        kOrigin + "\n5\n",
        "\n5\n" + kRoot + "\n",
        "\xEF\xBB\xBF" + kOrigin + "\n5\n" + kRoot + "\n",
        kOrigin + "\r\n5\r\n" + kRoot + "\r\n",
        kOrigin + "\x01\n5\n" + kRoot + "\n",
        kOrigin + "\xFF\n5\n" + kRoot + "\n",
        "no checkpoint\n"};
    for (const std::string& text : texts) {
        CAPTURE(text);
        CHECK(verdict(sign_text(text, key), key.verifier()) == "malformed");
    }
    CHECK(verdict(sign_text(kOrigin + "\n5\n" + kRoot + "\n", key), key.verifier()) == "ok");
}

TEST_CASE("fault 20: a note whose frame is damaged is malformed", "[note]") {
    const SigningKey key = key_of('k');
    const std::string note = sign_checkpoint({kOrigin, 5, empty_root()}, key);
    const std::string line = signature_line(note);
    const std::string text = note.substr(0, note.size() - line.size());
    const std::vector<std::string> notes{"",
                                         "\n",
                                         note.substr(0, note.size() - 1),
                                         text,
                                         text.substr(0, text.size() - 1) + line,
                                         note + "\n",
                                         note + "x\n",
                                         text + line.substr(3),
                                         text + "\xE2\x80\x94 " + kOrigin + "\n",
                                         text + "\xE2\x80\x94 " + kOrigin + " \n",
                                         text + "\xE2\x80\x94 " + kOrigin + " AAAA\n",
                                         text + "\xE2\x80\x94  AAAAAAAA\n",
                                         text + "\xE2\x80\x94 a+b AAAAAAAA\n",
                                         text + line.substr(0, line.size() - 1) + " \n",
                                         text + line.substr(0, line.size() - 1) + "\r\n",
                                         text + line + "\xE2\x80\x94 x notbase64\n",
                                         std::string("\xEF\xBB\xBF") + note,
                                         note + std::string("\0", 1)};
    for (const std::string& damaged : notes) {
        CAPTURE(damaged);
        CHECK(verdict(damaged, key.verifier()) == "malformed");
    }
}

TEST_CASE("fault 20: a note without a valid signature of the key is unsigned", "[note]") {
    const SigningKey key = key_of('k');
    const Checkpoint checkpoint{kOrigin, 5, empty_root()};
    const std::string larger = sign_checkpoint({kOrigin, 6, empty_root()}, key);
    const std::string text = format_checkpoint(checkpoint) + "\n";
    CHECK(verdict(sign_checkpoint(checkpoint, key_of('x')), key.verifier()) == "unsigned");
    CHECK(verdict(sign_checkpoint(checkpoint, key_of('k', "other")), key.verifier()) == "unsigned");
    CHECK(verdict(text + signature_line(larger), key.verifier()) == "unsigned");
    // The right name and key hash with a signature of another length.
    const std::string own = *hex_decode(key.verifier().text().substr(kOrigin.size() + 1, 8));
    const std::string bytes = own + "short";
    CHECK(verdict(text + "\xE2\x80\x94 " + kOrigin + " " + base64_encode(as_bytes(bytes)) + "\n",
                  key.verifier()) == "unsigned");
}

TEST_CASE("fault 20: signatures of others do not matter, and the key's first one decides",
          "[note]") {
    const SigningKey key = key_of('k');
    const Checkpoint checkpoint{kOrigin, 5, empty_root()};
    const std::string text = format_checkpoint(checkpoint) + "\n";
    const std::string own = signature_line(sign_checkpoint(checkpoint, key));
    const std::string other = signature_line(sign_checkpoint(checkpoint, key_of('w', "witness")));
    const std::string wrong = signature_line(sign_checkpoint({kOrigin, 6, empty_root()}, key));
    CHECK(verdict(text + other + own, key.verifier()) == "ok");
    CHECK(verdict(text + own + other, key.verifier()) == "ok");
    CHECK(verdict(text + own + own, key.verifier()) == "ok");
    CHECK(verdict(text + own + wrong, key.verifier()) == "ok");
    CHECK(verdict(text + wrong + own, key.verifier()) == "unsigned");
    CHECK(verdict(text + other, key.verifier()) == "unsigned");
}

TEST_CASE("fault 20: a note has at most 100 signatures and a million bytes", "[note]") {
    const SigningKey key = key_of('k');
    const Checkpoint checkpoint{kOrigin, 5, empty_root()};
    const std::string text = format_checkpoint(checkpoint) + "\n";
    const std::string own = signature_line(sign_checkpoint(checkpoint, key));
    const std::string other = signature_line(sign_checkpoint(checkpoint, key_of('w', "witness")));
    std::string note = text + own;
    for (int i = 1; i < 100; ++i) {
        note += other;
    }
    CHECK(verdict(note, key.verifier()) == "ok");
    note += other;
    CHECK(verdict(note, key.verifier()) == "malformed");
    for (int i = 0; i < 9'899; ++i) {
        note += other;
    }
    CHECK(verdict(note, key.verifier()) == "malformed");

    const std::string prefix = text + own + "\xE2\x80\x94 w ";
    const std::size_t filler = (kNoteBytesMax - prefix.size() - 1) / 4 * 4;
    const std::string largest = prefix + std::string(filler, 'A') + "\n";
    CHECK(largest.size() <= kNoteBytesMax);
    CHECK(verdict(largest, key.verifier()) == "ok");
    CHECK(verdict(prefix + std::string(filler + 4, 'A') + "\n", key.verifier()) == "malformed");
}

TEST_CASE("no note with one byte changed opens", "[note]") {
    const SigningKey key = key_of('k');
    const std::string note = sign_checkpoint({kOrigin, 5, empty_root()}, key);
    for (std::size_t i = 0; i < note.size(); ++i) {
        std::string changed = note;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CAPTURE(i);
        CHECK(verdict(changed, key.verifier()) != "ok");
    }
}

TEST_CASE("a file of notes is split into them, and what is none stays a piece", "[note]") {
    const SigningKey key = key_of('k');
    const std::string one = sign_checkpoint({kOrigin, 5, empty_root()}, key);
    const std::string two =
        sign_checkpoint({kOrigin, 6, empty_root()}, key) +
        signature_line(sign_checkpoint({kOrigin, 6, empty_root()}, key_of('w', "witness")));
    using Notes = std::vector<std::string>;
    CHECK(split_notes("").value().empty());
    CHECK(split_notes(one).value() == Notes{one});
    CHECK(split_notes(one + two + one).value() == Notes{one, two, one});
    CHECK(split_notes(one + "\n").value() == Notes{one, "\n"});
    CHECK(split_notes(one + "junk").value() == Notes{one, "junk"});
    const std::string torn = two.substr(0, two.size() - 10);
    CHECK(split_notes(one + torn).value() == Notes{one, torn});
    CHECK(verdict(torn, key.verifier()) == "malformed");
    CHECK(split_notes(std::string(kNoteBytesMax, 'x')).ok());
    CHECK_FALSE(split_notes(std::string(kNoteBytesMax + 1, 'x')).ok());
}

}  // namespace
}  // namespace dcm::audit
