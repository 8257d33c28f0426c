#include "anchors/file_io.h"

#include "base/result.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <utility>
#include <vector>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a file that is not there reads as nothing, an empty one as empty", "[file_io]") {
    const support::TempDir folder;
    CHECK_FALSE(read_file(folder.path() / "missing").has_value());
    CHECK(read_file(folder.file("empty", "")) == std::string());
}

TEST_CASE("a file is read in parts, to where it ended when it was opened", "[file_io]") {
    const support::TempDir folder;
    std::string content;
    for (int i = 0; i < 30'000; ++i) {
        content += std::to_string(i) + "\n";
    }
    const fs::path path = folder.file("long", content);
    FileParts parts(path);
    append_to_file(path, "what came later\n");
    std::string read;
    std::size_t count = 0;
    for (std::string part = parts.next(); !part.empty(); part = parts.next()) {
        CHECK(part.size() <= 65'536);
        read += part;
        ++count;
    }
    CHECK(read == content);
    CHECK(count > 1);
    CHECK(parts.is_at_end());
    CHECK(FileParts(folder.file("empty", "")).is_at_end());
    CHECK_THROWS_AS(FileParts(folder.path()), Failure);
    CHECK_THROWS_AS(FileParts(folder.path() / "missing"), Failure);
}

TEST_CASE("a pipe is read in parts, to its end", "[file_io]") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    REQUIRE(::write(ends[1], "one\ntwo\n", 8) == 8);
    ::close(ends[1]);
    FileParts parts("/dev/fd/" + std::to_string(ends[0]));
    CHECK(parts.next() == "one\ntwo\n");
    CHECK(parts.next().empty());
    ::close(ends[0]);
}

TEST_CASE("a file is replaced as a whole and leaves no temporary file", "[file_io]") {
    const support::TempDir folder;
    const fs::path path = folder.file("state", "a longer old content");
    replace_file(path, "new");
    CHECK(read_file(path) == "new");
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("appending adds to the end and creates what is missing", "[file_io]") {
    const support::TempDir folder;
    const fs::path path = folder.path() / "anchors";
    append_to_file(path, "one\n");
    append_to_file(path, "two\n");
    CHECK(read_file(path) == "one\ntwo\n");
    CHECK((fs::status(path).permissions() & fs::perms::others_all) == fs::perms::none);
}

TEST_CASE("a secret file is its owner's alone and is never overwritten", "[file_io]") {
    const support::TempDir folder;
    const fs::path path = folder.path() / "key";
    create_secret_file(path, "secret");
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK_THROWS_AS(create_secret_file(path, "other"), Failure);
    CHECK(read_file(path) == "secret");
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a finished file gets its name and replaces none", "[file_io]") {
    const support::TempDir folder;
    const fs::path name = folder.path() / "copy";
    move_into_place(folder.file("copy.partial", "whole"), {name});
    CHECK(read_file(name) == "whole");
    CHECK_FALSE(fs::exists(folder.path() / "copy.partial"));
    CHECK_THROWS_AS(move_into_place(folder.file("copy.partial", "other"), {name}), Failure);
    CHECK(read_file(name) == "whole");
}

TEST_CASE("writing through a link or to a file of two names is refused", "[file_io]") {
    const support::TempDir folder;
    const fs::path target = folder.file("target", "untouched");
    fs::create_symlink(target, folder.path() / "link");
    fs::create_hard_link(target, folder.path() / "name");
    for (const char* const place : {"link", "name"}) {
        CHECK_THROWS_AS(append_to_file(folder.path() / place, "more"), Failure);
        CHECK_THROWS_AS(shorten_file(folder.path() / place, 1), Failure);
    }
    CHECK(read_file(target) == "untouched");
}

TEST_CASE("fault 42: an append that does not fit leaves the file as it was", "[file_io]") {
    const support::TempDir folder;
    const fs::path path = folder.file("anchors", "one\n");
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 6;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_AS(append_to_file(path, "two\n"), Failure);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    static_cast<void>(std::signal(SIGXFSZ, handler));
    CHECK(read_file(path) == "one\n");
}

TEST_CASE("a folder that is not there is an environment failure that names the file", "[file_io]") {
    try {
        append_to_file("/nonexistent-folder/anchors", "note");
        FAIL("expected a failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == ErrorKind::environment);
        CHECK(std::string(failure.what()).find("/nonexistent-folder/anchors") != std::string::npos);
    }
}

TEST_CASE("of a file its end is read, or all of it", "[file_io]") {
    const support::TempDir folder;
    const auto path = folder.file("notes", "0123456789");
    for (const auto& [bytes_max, expected] :
         std::vector<std::pair<std::size_t, std::string>>{{0, ""},
                                                          {1, "9"},
                                                          {9, "123456789"},
                                                          {10, "0123456789"},
                                                          {11, "0123456789"},
                                                          {kNoLimit, "0123456789"}}) {
        CAPTURE(bytes_max);
        CHECK(read_end(path, bytes_max) == expected);
    }
    CHECK_FALSE(read_end(folder.path() / "none", kNoLimit));
}

}  // namespace
}  // namespace dcm::anchors
