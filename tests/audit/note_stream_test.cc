#include "audit/note_stream.h"

#include "audit/note.h"
#include "sample_log.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace dcm::audit {
namespace {

using testing::kOrigin;
using testing::sample_key;
using NoteTexts = std::vector<std::string>;

std::string note_of(std::int64_t size) {
    return sign_checkpoint({kOrigin, size, empty_root()}, sample_key());
}

TextParts cut(std::string text, std::size_t part_bytes) {
    return TextParts([text = std::move(text), part_bytes, at = std::size_t{0}]() mutable {
        std::string part = text.substr(at, part_bytes);
        at += part.size();
        return part;
    });
}

NoteTexts taken_from(TextParts text) {
    NoteTexts notes;
    NoteStream stream(std::move(text));
    while (const auto note = stream.next()) {
        notes.push_back(note->ok() ? note->value() : "error: " + note->error().message);
    }
    return notes;
}

// Method: the same text in parts of every length, those of one byte among them.
TEST_CASE("how a text is cut into parts changes no note", "[note_stream]") {
    const std::string one = note_of(5);
    const std::string two = cosign(note_of(6), {kOrigin, 6, empty_root()}, sample_key('w', "w"));
    const std::string torn = two.substr(0, two.size() - 10);
    const std::vector<NoteTexts> texts{{},
                                       {one},
                                       {one, two, one},
                                       {one, "\n"},
                                       {one, "\n\n", two},
                                       {one, "junk"},
                                       {one, "\xE2"},
                                       {one, "\xE2\x80\x93 x"},
                                       {one, torn}};
    for (const NoteTexts& notes : texts) {
        std::string text;
        for (const std::string& note : notes) {
            text += note;
        }
        CAPTURE(text);
        CHECK(taken_from(text) == notes);
        for (std::size_t part_bytes = 1; part_bytes <= text.size(); ++part_bytes) {
            CAPTURE(part_bytes);
            CHECK(taken_from(cut(text, part_bytes)) == notes);
        }
    }
}

TEST_CASE("a note is at most so long, and nothing behind a longer one is read", "[note_stream]") {
    const std::string longest(kNoteBytesMax, 'x');
    for (const std::size_t part_bytes : {std::size_t{1'000}, std::size_t{4'000'000}}) {
        CHECK(taken_from(cut(longest, part_bytes)) == NoteTexts{longest});
        const NoteTexts refused =
            taken_from(cut(note_of(1) + longest + "x\n\n" + note_of(2), part_bytes));
        REQUIRE(refused.size() == 2);
        CHECK(refused[0] == note_of(1));
        CHECK(refused[1].find("note 2 is longer") != std::string::npos);
    }
}

TEST_CASE("of a text without end a long piece takes no more than its limit", "[note_stream]") {
    std::size_t given = 0;
    NoteStream stream(TextParts([&given] {
        given += 1'000;
        return std::string(1'000, 'x');
    }));
    const auto piece = stream.next();
    REQUIRE(piece);
    CHECK_FALSE(piece->ok());
    CHECK(given <= kNoteBytesMax + 1'000);
    CHECK_FALSE(stream.next());
}

TEST_CASE("a text is read as its notes are taken, and no further", "[note_stream]") {
    std::int64_t given = 0;
    NoteStream stream(TextParts([&given] { return note_of(++given); }));
    CHECK_FALSE(stream.is_at_end());
    for (std::int64_t size = 1; size <= 100; ++size) {
        CHECK(stream.next().value().value() == note_of(size));
        CHECK(given <= size + 1);
    }
}

TEST_CASE("an empty text is at its end", "[note_stream]") {
    CHECK(NoteStream(std::string()).is_at_end());
    NoteStream stream(note_of(1));
    CHECK_FALSE(stream.is_at_end());
    CHECK(stream.next());
    CHECK(stream.is_at_end());
}

TEST_CASE("the rest of a text is what was not read of it", "[note_stream]") {
    TextParts text = cut("abcdefg", 3);
    CHECK(text.next() == "abc");
    CHECK(text.rest() == "defg");
    CHECK(text.rest().empty());
}

}  // namespace
}  // namespace dcm::audit
