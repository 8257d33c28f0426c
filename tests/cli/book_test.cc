#include "cli/book.h"

#include "base/result.h"
#include "cli/default_book.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

constexpr const char* kHead = "version: 1\ncurrency: EUR\ntimezone: UTC\nissuer: Example\n";

TEST_CASE("the book that is built in is used when none is configured", "[book]") {
    const Book book = load_book({});
    CHECK(book.bytes == default_book());
    CHECK_FALSE(book.rules.rates.empty());
}

TEST_CASE("a directory is one book, its files in name order", "[book]") {
    const support::TempDir folder;
    static_cast<void>(folder.file(
        "b.yaml", "rates: [{id: second, match: {service_type: vm}, price: \"1\", unit: hour}]"));
    static_cast<void>(folder.file(
        "a.yaml",
        std::string(kHead) +
            "rates: [{id: first, match: {service_type: vm}, price: \"1\", unit: hour}]"));
    static_cast<void>(folder.file("notes.txt", "not part of the book"));
    const Book book = load_book(folder.path());
    REQUIRE(book.rules.rates.size() == 2);
    CHECK(book.rules.rates[0].id == "first");
    CHECK(book.rules.rates[1].id == "second");
}

TEST_CASE("resource files are read from beside the book", "[book]") {
    const support::TempDir folder;
    static_cast<void>(folder.file("owners.csv", "service_type,instance,tenant\nvm,i-1,acme\n"));
    const auto file =
        folder.file("book.yaml", std::string(kHead) + "resources: [{file: owners.csv}]\n");
    const Book book = load_book(file);
    const auto owners = book.rules.resources.ownership("vm", "i-1", {Instant{0}, Instant{1}});
    REQUIRE(owners.size() == 1);
    CHECK(owners[0].tenant == "acme");
}

TEST_CASE("a book with errors is never used, and all of them are told", "[book]") {
    const support::TempDir folder;
    const auto file = folder.file("book.yaml", std::string(kHead) + "currancy: EUR\nratess: []\n");
    try {
        static_cast<void>(load_book(file));
        FAIL("expected a failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == ErrorKind::malformed);
        CHECK_THAT(failure.what(),
                   Catch::Contains("book.yaml:5:1") && Catch::Contains("book.yaml:6:1"));
    }
}

TEST_CASE("a missing book, an empty directory and a missing resource file are told", "[book]") {
    const support::TempDir folder;
    CHECK_THROWS_AS(load_book(folder.path() / "none.yaml"), Failure);
    CHECK_THROWS_WITH(load_book(folder.path()), Catch::Contains("found none"));
    const auto file =
        folder.file("book.yaml", std::string(kHead) + "resources: [{file: gone.csv}]\n");
    CHECK_THROWS_WITH(load_book(file), Catch::Contains("gone.csv"));
}

}  // namespace
}  // namespace dcm::cli
