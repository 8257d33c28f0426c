#include "rules/yaml_document.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

struct ReadDocument {
    YamlDocument document;
    std::vector<Problem> problems;
};

ReadDocument read_document(const std::string& bytes) {
    const BookFile file{"f.yaml", bytes};
    Problems problems;
    YamlDocument document = read_yaml(file, problems);
    return {std::move(document), std::move(problems).sorted()};
}

void check_refused(const std::string& bytes, int line, int column, const std::string& message) {
    const ReadDocument result = read_document(bytes);
    INFO(bytes.substr(0, 200));
    CHECK(result.document.root == nullptr);
    REQUIRE(result.problems.size() == 1);
    INFO(format_problem(result.problems[0]));
    CHECK(result.problems[0].line == line);
    CHECK(result.problems[0].column == column);
    CHECK_THAT(result.problems[0].message, Catch::Contains(message));
}

void check_accepted(const std::string& bytes) {
    const ReadDocument result = read_document(bytes);
    INFO(bytes.substr(0, 200) << (result.problems.empty() ? "" : result.problems[0].message));
    CHECK(result.problems.empty());
    CHECK(result.document.root != nullptr);
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

}  // namespace

TEST_CASE("values keep their kind, their quotes and their place", "[rules]") {
    const ReadDocument result = read_document("a: 1\nb: \"1\"\nc: [x]\nd:\ne: '1'\n");
    REQUIRE(result.document.root != nullptr);
    const auto& members = result.document.root->members;
    REQUIRE(members.size() == 5);
    CHECK(members[0].second->kind == YamlKind::scalar);
    CHECK_FALSE(members[0].second->quoted);
    CHECK(members[0].second->text == "1");
    CHECK(members[1].second->quoted);
    CHECK(members[1].second->offset == 8);
    CHECK(members[2].second->kind == YamlKind::list);
    CHECK(members[2].second->items.size() == 1);
    CHECK(members[3].second->kind == YamlKind::null);
    CHECK(members[4].second->quoted);
}

TEST_CASE("an alias is its anchor's value", "[rules]") {
    const ReadDocument result = read_document("a: &x {k: v}\nb: *x\n");
    REQUIRE(result.document.root != nullptr);
    const auto& members = result.document.root->members;
    CHECK(members[1].second == members[0].second);
}

TEST_CASE("text that YAML does not allow is refused with its place", "[rules]") {
    check_refused(std::string("a: b\nc: \0d", 10), 2, 4, "NUL byte");
    check_refused("a: \x04", 1, 4, "control character");
    check_refused("a: \x7f", 1, 4, "control character");
    check_refused(
        "\xEF\xBB\xBF"
        "a: b",
        1,
        1,
        "byte order mark");
    check_refused("a: b\nc: \xEF\xBB\xBF", 2, 4, "byte order mark");
    check_refused("a: b\nc: \xff\nd: e\n", 2, 1, "UTF-8");
    check_refused("a: b\nc: d\ne: \xc3", 3, 1, "UTF-8");
    check_refused(std::string("\xff\xfe"
                              "a\0:\0",
                              6),
                  1,
                  4,
                  "NUL byte");
    check_accepted("a: \"tab\there, ü\"\r\n");
}

TEST_CASE("what is no YAML is refused with its place", "[rules]") {
    check_refused("a: b: c\n", 1, 5, "illegal map value");
    check_refused("a: [1, 2\n", 2, 1, "end of sequence flow not found");
    check_refused("a: *x\n", 1, 4, "anchor is not defined");
    check_refused("a: 1\n\tb: 2\n", 2, 1, "illegal tab");
    check_refused("a: @x\n", 1, 4, "expected YAML");
    check_refused("a: \"\\", 1, 6, "unknown escape character: ?");
    check_refused("a: \"\\ü\"\n", 1, 7, "unknown escape character: ?");
}

TEST_CASE("a missing closing quote is refused where the quote was opened", "[rules]") {
    check_refused("a: b\nc: \"d\n", 2, 4, "closing quote");
    check_refused("a: b\nc: 'd\n", 2, 4, "closing quote");
    check_refused("c: 'it''s\n", 1, 4, "closing quote");
    check_refused("c: \"a\\\"\n", 1, 4, "closing quote");
    check_refused("c: &x \"a\n", 1, 4, "closing quote");
    check_accepted("c: 'it''s'\n");
    check_accepted("c: \"a\\\"\"\n");
    check_accepted("c: &x \"a\"\n");
    check_accepted("c: it's\n");
}

TEST_CASE("a file holds one document", "[rules]") {
    check_refused("a: b\n---\nc: d\n", 2, 1, "another one");
    check_refused("{a: b} x\n", 1, 8, "another one");
    check_refused("a: b\n...\nfoo\n", 3, 1, "another one");
    check_refused("", 1, 1, "got nothing");
    check_refused("# only a comment\n", 1, 1, "got nothing");
    check_accepted("---\na: b\n...\n");
}

TEST_CASE("a duplicate key is told and passed over", "[rules]") {
    const ReadDocument result = read_document("a: 1\nb: {c: 1, d: 2, c: 3}\na: 4\n");
    REQUIRE(result.problems.size() == 2);
    CHECK(format_problem(result.problems[0]) ==
          "f.yaml:2:17: error: expected each key once, got \"c\" again");
    CHECK(format_problem(result.problems[1]) ==
          "f.yaml:3:1: error: expected each key once, got \"a\" again");
    REQUIRE(result.document.root != nullptr);
    REQUIRE(result.document.root->members.size() == 2);
    CHECK(result.document.root->members[0].second->text == "1");
}

TEST_CASE("quotes and escapes do not hide a duplicate key", "[rules]") {
    CHECK(read_document("{a: 1, \"a\": 2}").problems.size() == 1);
    CHECK(read_document("{a: 1, \"\\x61\": 2}").problems.size() == 1);
    CHECK(read_document("{a: 1, A: 2}").problems.empty());
}

TEST_CASE("a key that is no word is told", "[rules]") {
    for (const std::string text : {"? [a]\n: b\n", "? {a: b}\n: c\n", "~: b\n"}) {
        const ReadDocument result = read_document(text);
        INFO(text);
        REQUIRE(result.problems.size() == 1);
        CHECK_THAT(result.problems[0].message, Catch::Contains("expected a key"));
    }
}

TEST_CASE("a tag is told", "[rules]") {
    for (const std::string text : {"a: !!str 5\n",
                                   "a: !x 5\n",
                                   "a: ! 5\n",
                                   "a: !!map {b: c}\n",
                                   "a: !!seq [b]\n",
                                   "a: !<tag:x,2000:y> b\n"}) {
        const ReadDocument result = read_document(text);
        INFO(text);
        REQUIRE(result.problems.size() == 1);
        CHECK(result.problems[0].line == 1);
        CHECK(result.problems[0].column == 4);
        CHECK_THAT(result.problems[0].message, Catch::Contains("without a tag"));
    }
    check_accepted("a: \"!x\"\n");
}

TEST_CASE("an escaped NUL character is told", "[rules]") {
    const ReadDocument result = read_document("a: \"x\\0\"\n");
    REQUIRE(result.problems.size() == 1);
    CHECK_THAT(result.problems[0].message, Catch::Contains("NUL"));
}

TEST_CASE("nesting is limited to 32 levels", "[rules]") {
    check_accepted(std::string(32, '[') + std::string(32, ']'));
    check_refused(std::string(33, '[') + std::string(33, ']'), 1, 33, "at most 32 levels");
    check_accepted(repeated("- ", 32) + "x");
    check_refused(repeated("- ", 33) + "x", 1, 65, "at most 32 levels");
    check_refused(repeated("{a: ", 33) + repeated("}", 33), 1, 129, "at most 32 levels");
    // Never closed, each may still become a key: yaml-cpp counts it twice.
    check_refused(std::string(100'000, '['), 1, 17, "at most 32 levels");
    check_refused(repeated("{a: ", 70'000), 1, 125, "at most 32 levels");
    check_refused(repeated("? ", 100'000), 1, 65, "at most 32 levels");
}

TEST_CASE("an alias nests as deep as its anchor's value", "[rules]") {
    const std::string nested = "a: &x " + std::string(20, '[') + std::string(20, ']') + "\n";
    check_accepted(nested + "b: " + std::string(11, '[') + "*x" + std::string(11, ']') + "\n");
    check_refused(nested + "b: " + std::string(12, '[') + "*x" + std::string(12, ']') + "\n",
                  2,
                  16,
                  "at most 32 levels");
}

TEST_CASE("a file is limited to a mebibyte", "[rules]") {
    check_accepted("a: " + std::string(kYamlBytesMax - 3, 'x'));
    check_refused("a: " + std::string(kYamlBytesMax - 2, 'x'), 1, 1'048'577, "1048576 bytes");
    check_refused(
        "a:\n  \"" + std::string(100 * kYamlBytesMax, 'x') + '"', 2, 1'048'574, "1048576 bytes");
}

TEST_CASE("aliases do not let a document grow past 10,000 nodes", "[rules]") {
    // A map and two keys, a list of 97 items, a list of 100 aliases of it: 3 + 98 + 1 + 9,800; a
    // third list fills up to the limit.
    const std::string start =
        "a: &x [" + repeated("1,", 97) + "]\nb: [" + repeated("*x,", 100) + "]\n";
    check_accepted(start + "c: [" + repeated("1,", 96) + "]\n");
    check_refused(start + "c: [" + repeated("1,", 97) + "]\n", 3, 197, "10000 nodes");
}

TEST_CASE("aliases of aliases are refused before they are expanded", "[rules]") {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 30; ++level) {
        const std::string below = "*a" + std::to_string(level - 1) + ',';
        bomb += 'a' + std::to_string(level) + ": &a" + std::to_string(level) + " [" +
                repeated(below, 10) + "]\n";
    }
    check_refused(bomb, 4, 38, "10000 nodes");
}

TEST_CASE("aliases do not let a document grow past a mebibyte", "[rules]") {
    const std::string half = "a: &x " + std::string(kYamlBytesMax / 2 - 1, 'x') + "\n";
    // The keys a and b count as well.
    check_accepted(half + "b: *x\n");
    check_refused(half + "bb: *x\n", 2, 5, "1048576 bytes");
}

TEST_CASE("an alias inside its own anchor is refused", "[rules]") {
    check_refused("a: &x [*x]\n", 1, 8, "inside its own anchor");
    check_refused("a: &x {b: [1, *x]}\n", 1, 15, "inside its own anchor");
}

TEST_CASE("a document without aliases holds 50,000 nodes", "[rules]") {
    check_accepted(repeated("- a\n", 49'999));
    check_refused(repeated("- a\n", 50'000), 50'000, 3, "50000 nodes");
}

TEST_CASE("a file of indicators is refused before the parser keeps them all", "[rules]") {
    check_refused(std::string(1'000'000, '['), 1, 150'001, "150000 YAML indicators");
    check_refused('[' + repeated("\"\"", 400'000), 1, 300'001, "150000 YAML indicators");
    check_refused(repeated("a\n", 300'000), 150'001, 2, "150000 YAML indicators");
}

}  // namespace dcm::rules
