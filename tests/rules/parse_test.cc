#include "rules/parse.h"

#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

const std::string kSmallBook = "{version: 1, currency: EUR, timezone: UTC}\n";

std::string messages(const ParsedBook& parsed) {
    std::string all;
    for (const Problem& problem : parsed.problems) {
        all += format_problem(problem) + '\n';
    }
    return all;
}

}  // namespace

TEST_CASE("the smallest book has the standard lifecycle and no rates", "[rules]") {
    const RuleBook book = book_of(kSmallBook);
    CHECK(book.currency == "EUR");
    CHECK(book.zone.name() == "UTC");
    CHECK(book.issuer.empty());
    CHECK(book.lifecycle == standard_lifecycle());
    CHECK(book.heartbeats.empty());
    CHECK(book.rates.empty());
    CHECK(book.cases.empty());
}

TEST_CASE("the head of a book is read", "[rules]") {
    const RuleBook book =
        book_of(with_head("issuer: Example Cloud\n"
                          "providers: {kubevirt.localhost: kubevirt}\n"
                          "heartbeats: {kubevirt.localhost: 2h, acm: 90s}\n"));
    CHECK(book.zone.name() == "Europe/Berlin");
    CHECK(book.issuer == "Example Cloud");
    CHECK(book.lifecycle.provider_of("kubevirt.localhost") == "kubevirt");
    REQUIRE(book.heartbeats.size() == 2);
    CHECK(book.heartbeats.find("kubevirt.localhost")->second == Duration{7'200 * kMicrosPerSecond});
    CHECK(book.heartbeats.find("acm")->second == Duration{90 * kMicrosPerSecond});
}

TEST_CASE("what is wrong with the head of a book is told with its place", "[rules]") {
    check_problems(
        "{}\n",
        {{1, 1, "key \"version\""}, {1, 1, "key \"currency\""}, {1, 1, "key \"timezone\""}});
    check_problems("[1]\n", {{1, 1, "expected a map with the keys of a rule book, got a list"}});
    check_problems("---\n", {{2, 1, "expected a map with the keys of a rule book, got nothing"}});
    check_problems("version: 2\ncurrency: EUR\ntimezone: UTC\n",
                   {{1, 10, "expected the version 1, got \"2\""}});
    check_problems("version: \"1\"\ncurrency: EUR\ntimezone: UTC\n",
                   {{1, 10, "the version 1 without quotes"}});
    check_problems("version: 1\ncurrency: EUX\ntimezone: UTC\n",
                   {{2, 11, "ISO 4217 currency such as EUR, got \"EUX\"; did you mean \"EUR\"?"}});
    check_problems("version: 1\ncurrency: eur\ntimezone: UTC\n",
                   {{2, 11, "got \"eur\"; did you mean \"EUR\"?"}});
    check_problems("version: 1\ncurrency:\ntimezone: UTC\n", {{2, 1, "got nothing"}});
    check_problems("version: 1\ncurrency: [EUR]\ntimezone: UTC\n", {{2, 11, "got a list"}});
    check_problems("version: 1\ncurrency: EUR\ntimezone: Europe/Berlim\n",
                   {{3, 11, "IANA time zone such as Europe/Berlin, got \"Europe/Berlim\""}});
    check_problems("version: 1\ncurrency: EUR\ntimezone: ../etc/passwd\n", {{3, 11, "IANA"}});
    check_problems(with_head("issuer: \"\"\n"), {{4, 9, "expected a name, got \"\""}});
    check_problems(with_head("rate: []\n"),
                   {{4, 1, "unknown key \"rate\"; did you mean \"rates\"?"}});
    check_problems(with_head("xyzzyxyzzy: 1\n"),
                   {{4, 1, "; known: version, currency, timezone, issuer, lifecycle, providers"}});
    check_problems(with_head("issuer: a\nissuer: b\n"), {{5, 1, "each key once, got \"issuer\""}});
    check_problems(with_head("providers: [a]\n"), {{4, 12, "a map of sources"}});
    check_problems(with_head("providers: {a: [b]}\n"), {{4, 16, "a provider's name, got a list"}});
    check_problems(with_head("heartbeats: {a: 2 h}\n"), {{4, 17, "a duration such as"}});
    check_problems(with_head("heartbeats: {a: 0s}\n"), {{4, 17, "a duration above zero"}});
    check_problems(with_head("heartbeats: {a: 120}\n"), {{4, 17, "a duration such as"}});
    check_problems(with_head("heartbeats: {a: 36501d}\n"), {{4, 17, "at most 36500d"}});
    check_problems(with_head("rates: {}\n"), {{4, 8, "a list of rates, got a map"}});
    check_problems(with_head("rates:\n"), {{4, 1, "a list of rates, got nothing"}});
    check_problems(with_head("cases: x\n"), {{4, 8, "a list of cases"}});
    check_problems(with_head("lifecycle: x\n"), {{4, 12, "a map of service types"}});
}

TEST_CASE("all problems of a book are told at once, in the order of the file", "[rules]") {
    check_problems(
        "version: 3\n"
        "currency: EURO\n"
        "timezone: Mars/Olympus\n"
        "isuer: x\n"
        "rates:\n"
        "  - id: a\n"
        "    price: 0.1\n"
        "    unit: hours\n"
        "  - {id: a, unit: hour, price: \"1\", price: \"2\"}\n",
        {{1, 10, "the version 1"},
         {2, 11, "ISO 4217"},
         {3, 11, "IANA"},
         {4, 1, "did you mean \"issuer\"?"},
         {7, 12, "write \"0.1\", not 0.1"},
         {8, 11, "did you mean \"hour\"?"},
         {9, 10, "an id that no other rate has"},
         {9, 37, "got \"price\" again"}});
}

TEST_CASE("several files are one book, read in name order", "[rules]") {
    const std::vector<BookFile> files{
        {"20-more.yaml", "rates: [{id: c, price: \"1\", unit: hour}]\nproviders: {b: B}\n"},
        {"10-head.yaml", kSmallBook},
        {"15-rates.yaml",
         "rates: [{id: b, price: \"1\", unit: hour}, {id: a, price: \"1\", unit: hour}]\n"
         "providers: {a: A}\n"},
    };
    const ParsedBook parsed = parse_book(files, {});
    INFO(messages(parsed));
    REQUIRE(parsed.book);
    REQUIRE(parsed.book->rates.size() == 3);
    CHECK(parsed.book->rates[0].id == "b");
    CHECK(parsed.book->rates[1].id == "a");
    CHECK(parsed.book->rates[2].id == "c");
    CHECK(parsed.book->lifecycle.provider_names.size() == 2);
}

TEST_CASE("what a whole book gives once is told where it comes again", "[rules]") {
    const std::vector<BookFile> files{
        {"a.yaml",
         with_head("issuer: x\nproviders: {s: p}\nheartbeats: {s: 1h}\n"
                   "lifecycle: {vm: {NEW: hold}}\n"
                   "rates: [{id: r, price: \"1\", unit: hour}]\n")},
        {"b.yaml",
         with_head("issuer: x\nproviders: {s: p}\nheartbeats: {s: 1h}\n"
                   "lifecycle: {vm: {OTHER: hold}}\n"
                   "rates: [{id: r, price: \"1\", unit: hour}]\n")}};
    const ParsedBook parsed = parse_book(files, {});
    CHECK(messages(parsed) ==
          "b.yaml:1:10: error: expected version once in the whole book, got it again\n"
          "b.yaml:2:11: error: expected currency once in the whole book, got it again\n"
          "b.yaml:3:11: error: expected timezone once in the whole book, got it again\n"
          "b.yaml:4:9: error: expected issuer once in the whole book, got it again\n"
          "b.yaml:5:13: error: expected each source once in the whole book, got \"s\"\n"
          "b.yaml:6:14: error: expected each source once in the whole book, got \"s\"\n"
          "b.yaml:7:13: error: expected each service type in one file of the book, got \"vm\"\n"
          "b.yaml:8:14: error: expected an id that no other rate has, got \"r\"\n");
}

TEST_CASE("a file that cannot be read hides no problem of the others and adds none", "[rules]") {
    const std::vector<BookFile> files{{"a.yaml", "version: [1\n"}, {"b.yaml", "issuer: []\n"}};
    const ParsedBook parsed = parse_book(files, {});
    CHECK_FALSE(parsed.book);
    REQUIRE(parsed.problems.size() == 2);
    CHECK(parsed.problems[0].file == "a.yaml");
    CHECK(parsed.problems[1].file == "b.yaml");
}

TEST_CASE("no file is no book", "[rules]") {
    const ParsedBook parsed = parse_book({}, {});
    CHECK_FALSE(parsed.book);
    REQUIRE(parsed.problems.size() == 1);
    CHECK_THAT(parsed.problems[0].message, Catch::Contains("at least one file"));
}

TEST_CASE("a book names its resource files", "[rules]") {
    const std::vector<BookFile> files{
        {"b.yaml", "resources: [{file: x.csv}, {file: y.yaml}, {fil: z.csv}, {file: x.csv}]\n"},
        {"a.yaml", "resources: [{file: w.json}, {file: no-table.txt}]\n"},
        {"c.yaml", "resources: [{file: lost.csv}\n"}};
    CHECK(resource_file_names(files) == std::vector<std::string>{"w.json", "x.csv", "y.yaml"});
}

TEST_CASE("resource files are read in the order the book names them", "[rules]") {
    const std::vector<BookFile> files{
        {"book.yaml", with_head("resources: [{file: z.csv}, {file: a.yaml}]\n")}};
    const std::vector<BookFile> resources{
        {"a.yaml",
         "- {service_type: vm, instance: i, tenant: late, labels: {flavor: big}, valid_from: "
         "2026-07-01}\n"},
        {"z.csv", "service_type,instance,tenant\nvm,i,early\n"}};
    const ParsedBook parsed = parse_book(files, resources);
    INFO(messages(parsed));
    REQUIRE(parsed.book);
    const Period july{instant("2026-06-30T21:00:00Z"), instant("2026-07-01T00:00:00Z")};
    const auto owners = parsed.book->resources.ownership("vm", "i", july);
    REQUIRE(owners.size() == 2);
    CHECK(owners[0].tenant == "early");
    CHECK(owners[0].labels.empty());
    CHECK(owners[1].tenant == "early");
    CHECK(owners[1].labels == Labels{{"flavor", "big"}});
    // Midnight in Berlin.
    CHECK(owners[1].during.start == instant("2026-06-30T22:00:00Z"));
}

TEST_CASE("what is wrong with a book's list of resource files is told", "[rules]") {
    check_problems(with_head("resources: [{file: r.csv}]\n"),
                   {{4, 20, "a file that can be read, relative to the book, got \"r.csv\""}});
    check_problems(with_head("resources: [{file: r.txt}]\n"), {{4, 20, "ends in .csv"}});
    check_problems(with_head("resources: [{}]\n"), {{4, 13, "key \"file\""}});
    check_problems(with_head("resources: [{file: }]\n"), {{4, 14, "got nothing"}});
    check_problems(with_head("resources: [r.csv]\n"), {{4, 13, "{file: NAME}"}});
    check_problems(with_head("resources: r.csv\n"), {{4, 12, "a list of resource files"}});
    const std::vector<BookFile> book{
        {"book.yaml", with_head("resources: [{file: r.csv}, {file: r.csv}]\n")}};
    const std::vector<BookFile> resources{{"r.csv", "service_type,instance\n"}};
    const ParsedBook parsed = parse_book(book, resources);
    CHECK(messages(parsed) ==
          "book.yaml:4:35: error: expected each resource file once, got \"r.csv\"\n");
}

TEST_CASE("a YAML file that the book names as a resource is no part of the book", "[rules]") {
    const std::vector<BookFile> files{
        {"book.yaml", with_head("resources: [{file: owners.yaml}]\n")},
        {"owners.yaml", "- {service_type: vm, instance: i, tenant: acme}\n"}};
    const ParsedBook parsed = parse_book(files, {});
    INFO(messages(parsed));
    REQUIRE(parsed.book);
    const auto owners = parsed.book->resources.ownership("vm", "i", {Instant{0}, Instant{1}});
    REQUIRE(owners.size() == 1);
    CHECK(owners[0].tenant == "acme");
}

TEST_CASE("the digest of one file is that of its bytes", "[rules]") {
    const std::vector<BookFile> files{{"book.yaml", "a: b\n"}};
    CHECK(digest_input(files, {}) == "a: b\n");
}

TEST_CASE("the digest of several files is over names, lengths and bytes in name order", "[rules]") {
    const std::vector<BookFile> files{{"m.yaml", "m"}, {"a.yaml", "aa"}};
    const std::vector<BookFile> resources{{"c.csv", ""}, {"m.yaml", "m"}};
    CHECK(digest_input(files, resources) == "a.yaml\n2\naac.csv\n0\nm.yaml\n1\nm");
    CHECK(digest_input({files.data(), 1}, {resources.data(), 1}) == "c.csv\n0\nm.yaml\n1\nm");
}

}  // namespace dcm::rules
