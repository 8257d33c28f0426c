#include "anchors/key_file.h"

#include "anchors/file_io.h"
#include "base/result.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;

ErrorKind kind_of_failure(const fs::path& path) {
    try {
        static_cast<void>(load_key(path));
    } catch (const Failure& failure) {
        return failure.kind();
    }
    FAIL("expected a failure for " << path);
    return ErrorKind::usage;
}

TEST_CASE("a key is made once and read again afterwards", "[key_file]") {
    const support::TempDir folder;
    const fs::path path = folder.path() / "log.key";
    const audit::SigningKey made = load_or_create_key(path, "example/audit/0123456789abcdef");
    const audit::SigningKey again = load_or_create_key(path, "another name");
    CHECK(again.verifier().text() == made.verifier().text());
    CHECK(made.verifier().name() == "example/audit/0123456789abcdef");
}

TEST_CASE("two logs never share a key", "[key_file]") {
    const support::TempDir folder;
    CHECK(load_or_create_key(folder.path() / "a", "n").secret_text() !=
          load_or_create_key(folder.path() / "b", "n").secret_text());
}

TEST_CASE("fault 97: a key that others can read, a link, an empty file and no key are refused",
          "[key_file]") {
    const support::TempDir folder;
    const fs::path good = folder.path() / "good";
    static_cast<void>(load_or_create_key(good, "n"));

    const fs::path link = folder.path() / "link";
    fs::create_symlink(good, link);
    CHECK(kind_of_failure(link) == ErrorKind::malformed);

    const fs::path open = folder.file("open", *read_file(good));
    fs::permissions(open, fs::perms::owner_read | fs::perms::group_read);
    CHECK(kind_of_failure(open) == ErrorKind::malformed);

    for (const std::string content : {"", "\n", "PRIVATE+KEY+n", "not a key"}) {
        const fs::path bad = folder.file("bad", content);
        fs::permissions(bad, fs::perms::owner_read);
        INFO(content);
        CHECK(kind_of_failure(bad) == ErrorKind::malformed);
        fs::remove(bad);
    }
    CHECK(kind_of_failure(folder.path() / "missing") == ErrorKind::environment);
}

TEST_CASE("a refused key is never shown", "[key_file]") {
    const support::TempDir folder;
    const fs::path path = folder.file("key", "PRIVATE+KEY+n+00000000+c2VjcmV0LXNlZWQ=");
    fs::permissions(path, fs::perms::owner_read);
    try {
        static_cast<void>(load_key(path));
        FAIL("expected a failure");
    } catch (const Failure& failure) {
        CHECK(std::string(failure.what()).find("c2VjcmV0") == std::string::npos);
    }
}

}  // namespace
}  // namespace dcm::anchors
