#include "anchors/anchor_file.h"

#include "anchors/file_io.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::anchors {
namespace {

audit::SigningKey key_of(const std::string& name) {
    return audit::SigningKey::from_seed(name, std::string(32, 'k'));
}

std::string note_of(const std::string& name, std::int64_t size) {
    return audit::sign_checkpoint({name, size, {}}, key_of(name));
}

// What is left of an anchor file with this content.
std::string after_cut(const std::string& content) {
    const support::TempDir folder;
    const auto path = folder.file("anchors", content);
    cut_unfinished_note(path, key_of("log").verifier());
    return read_file(path).value();
}

TEST_CASE("fault 40: a note that was torn at any byte is cut off, those before it stay",
          "[anchor_file]") {
    const std::string before = note_of("log", 1) + note_of("log", 2);
    const std::string note = note_of("log", 3);
    for (std::size_t kept = 0; kept + 1 < note.size(); ++kept) {
        INFO(kept);
        CHECK(after_cut(before + note.substr(0, kept)) == before);
        CHECK(after_cut(note.substr(0, kept)).empty());
    }
    CHECK(after_cut(before + note) == before + note);
}

TEST_CASE("fault 40: a note of which a part was never written is cut off", "[anchor_file]") {
    const std::string before = note_of("log", 1);
    std::string note = note_of("log", 2);
    const std::size_t middle = note.size() / 2;
    CHECK(after_cut(before + std::string(middle, '\0') + note.substr(middle)) == before);
    CHECK(after_cut(before + note.substr(0, middle) + std::string(note.size() - middle, '\0')) ==
          before);
}

TEST_CASE("who looks at the newest note reads the end of a long file only", "[anchor_file]") {
    const support::TempDir folder;
    const std::string note = note_of("log", 7);
    const std::string fits = std::string(audit::kNoteBytesMax - note.size(), 'x') + note;
    FileAnchor whole(folder.file("whole", fits));
    CHECK(whole.read_newest()->notes.rest() == fits);
    FileAnchor longer(folder.file("longer", 'y' + fits));
    CHECK(longer.read_newest()->notes.rest() == fits);
    CHECK(longer.read()->notes.rest() == 'y' + fits);
    CHECK_FALSE(FileAnchor(folder.path() / "missing").read_newest());
}

TEST_CASE("a note of somebody else's is not cut off", "[anchor_file]") {
    const std::string notes = note_of("log", 1) + note_of("other", 9);
    CHECK(after_cut(notes) == notes);
}

TEST_CASE("a long file without a note is left alone, a missing one is no trouble",
          "[anchor_file]") {
    const std::string content(100'000, 'x');
    CHECK(after_cut(content) == content);
    const support::TempDir folder;
    CHECK_NOTHROW(cut_unfinished_note(folder.path() / "missing", key_of("log").verifier()));
}

TEST_CASE("of a long file only the end is read", "[anchor_file]") {
    std::string notes;
    while (notes.size() < 200'000) {
        notes += note_of("log", static_cast<std::int64_t>(notes.size()) + 1);
    }
    CHECK(after_cut(notes + "log\n7\n") == notes);
}

}  // namespace
}  // namespace dcm::anchors
