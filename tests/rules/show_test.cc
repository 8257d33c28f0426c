#include "rules/show.h"

#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

// What is shown of a book behind its lifecycle.
std::string shown_rest(const std::string& rest, DocumentStyle style) {
    const std::string all = show_book(book_of(with_head(rest)), style);
    const std::string_view behind = style == DocumentStyle::yaml ? "\nrates:" : ",\"rates\":";
    const std::size_t found = all.find(behind);
    REQUIRE(found != std::string::npos);
    return all.substr(found + 1);
}

// Shown, read and shown again, nothing changes.
void check_round_trip(const std::string& rest) {
    const std::string once = show_book(book_of(with_head(rest)), DocumentStyle::yaml);
    INFO(once);
    CHECK(show_book(book_of(once), DocumentStyle::yaml) == once);
}

}  // namespace

TEST_CASE("a rate is shown with what it did not say", "[rules]") {
    const std::string rate =
        "rates:\n"
        "  - {id: r, match: {state: [RUNNING, \"S*\"], tenant: acme, labels: {f: m1}}, "
        "valid_from: 2026-07-01, price: \"0.0480\", unit: hour, minimum: 90s}\n";
    CHECK(shown_rest(rate, DocumentStyle::yaml) ==
          "rates:\n"
          "  - id: r\n"
          "    meter: usage\n"
          "    match:\n"
          "      state: [RUNNING, S*]\n"
          "      tenant: acme\n"
          "      labels:\n"
          "        f: m1\n"
          "    valid_from: 2026-06-30T22:00:00Z\n"
          "    price: \"0.048\"\n"
          "    unit: hour\n"
          "    granularity: 1us\n"
          "    minimum: 90s\n"
          "    free: \"0\"\n"
          "    discount: \"0%\"\n"
          "    allow_negative: false\n");
    CHECK(shown_rest(rate, DocumentStyle::json) ==
          "\"rates\":[{\"id\":\"r\",\"meter\":\"usage\",\"match\":{\"state\":[\"RUNNING\",\"S*\"],"
          "\"tenant\":\"acme\",\"labels\":{\"f\":\"m1\"}},\"valid_from\":\"2026-06-30T22:00:00Z\","
          "\"price\":\"0.048\",\"unit\":\"hour\",\"granularity\":\"1us\",\"minimum\":\"90s\","
          "\"free\":\"0\",\"discount\":\"0%\",\"allow_negative\":false}]}\n");
}

TEST_CASE("tiers and cases are shown with what they did not say", "[rules]") {
    CHECK(shown_rest("rates:\n"
                     "  - {id: a, unit: day, discount: \"12.5%\", minimum_spend: \"1\", "
                     "maximum_spend: \"2\", allow_negative: true, tiers: {mode: volume, steps: "
                     "[{up_to: \"1\", price: \"-2\"}, {price: \"3\", flat: \"4\"}]}}\n"
                     "  - {id: b, unit: month, tiers: {mode: package, size: \"2\", price: \"3\"}}\n"
                     "cases:\n"
                     "  - {name: one, service_type: vm, instance: i, events: [{time: "
                     "2026-05-01T00:00:00+02:00, status: RUNNING}], period: 2026-05, "
                     "expect: {usage: \"1.50\"}}\n",
                     DocumentStyle::yaml)
              .find("    tiers:\n"
                    "      mode: volume\n"
                    "      steps:\n"
                    "        - up_to: \"1\"\n"
                    "          price: \"-2\"\n"
                    "          flat: \"0\"\n"
                    "        - price: \"3\"\n"
                    "          flat: \"4\"\n"
                    "    discount: \"12.5%\"\n") != std::string::npos);
}

TEST_CASE("the lifecycle is shown whole, with the book's own words", "[rules]") {
    const std::string all =
        show_book(book_of(with_head("lifecycle:\n"
                                    "  container: {aliases: {UP: RUNNING}, FAILED: hold, "
                                    "providers: {west: {SUCCEEDED: {charge: KEPT}}}}\n"
                                    "providers: {src: name}\nheartbeats: {src: 2h}\n")),
                  DocumentStyle::yaml);
    CHECK_THAT(all,
               Catch::Contains("  container:\n"
                               "    DELETED: end\n"
                               "    FAILED: hold\n"
                               "    PENDING: hold\n"
                               "    RUNNING:\n"
                               "      charge: RUNNING\n"
                               "    SUCCEEDED: none\n"
                               "    UNKNOWN: hold\n"
                               "    aliases:\n"
                               "      ERROR: FAILED\n"
                               "      UP: RUNNING\n"
                               "    providers:\n"
                               "      west:\n"
                               "        SUCCEEDED:\n"
                               "          charge: KEPT\n"));
    CHECK_THAT(all,
               Catch::Contains("providers:\n  src: name\nheartbeats:\n  src: 2h\nrates: []\n"));
}

TEST_CASE("resource files are shown with their number of entries", "[rules]") {
    const std::vector<BookFile> files{{"b.yaml", with_head("resources: [{file: o.csv}]\n")}};
    const std::vector<BookFile> owners{{"o.csv", "service_type,instance,tenant\nvm,a,t\nvm,b,t\n"}};
    const ParsedBook parsed = parse_book(files, owners);
    REQUIRE(parsed.book);
    CHECK_THAT(show_book(*parsed.book, DocumentStyle::yaml),
               Catch::Contains("resources:\n  - file: o.csv  # 2 entries\n"));
    CHECK_THAT(show_book(*parsed.book, DocumentStyle::json),
               Catch::Contains("\"resources\":[{\"file\":\"o.csv\",\"entries\":2}]"));
}

TEST_CASE("what is shown is a book that means the same", "[rules]") {
    check_round_trip("");
    check_round_trip(
        "issuer: \"# no comment: \\\"x\\\" \\\\ \\e[1m \\x9b \\u202e é\"\n"
        "lifecycle:\n"
        "  vm: {aliases: {HALTED: STOPPED}, SUSPENDED: {charge: PAUSED}, "
        "providers: {west: {STOPPED: {charge: RUNNING}}}}\n"
        "  gpu: {READY: {charge: \"null\"}, GONE: end, ODD: none, BUSY: hold}\n"
        "providers: {a: b}\n"
        "heartbeats: {a: 90s, b: 1d, c: 1500ms}\n"
        "rates:\n"
        "  - {id: a, meter: m, match: {service_type: vm, instance: [\"*\", \"a: b\", \"- x\", "
        "\"~\", \"1\", \"null\", \"true\", \" \", \"a:\", \"#\", \"é\", \"a,b\", \"[\"]}, "
        "valid_from: 2026-01, valid_to: 2026-07-01T00:00:00.000001Z, price: \"-0.000000000001\", "
        "unit: second, allow_negative: true, granularity: 5ms, minimum: 1h}\n"
        "  - {id: b, unit: month, free: \"10\", discount: \"12.5%\", minimum_spend: \"5\", "
        "maximum_spend: \"500\", tiers: {mode: graduated, steps: [{up_to: \"100\", price: "
        "\"1.2\"}, "
        "{price: \"0.8\", flat: \"5\"}]}}\n"
        "  - {id: c, unit: day, tiers: {mode: package, size: \"2.5\", price: \"3\"}}\n"
        "cases:\n"
        "  - {name: \"two\\nlines\", service_type: vm, provider: p, instance: i, events: [{time: "
        "2026-05-01T00:00:00.5Z, status: \" run \"}], period: 2026-05, expect: {m: \"1.50\"}}\n");
}

// Midnight in Berlin is before the year 0 in UTC.
TEST_CASE("the bounds at the ends of the calendar are shown so that they can be read", "[rules]") {
    check_round_trip(
        "rates:\n"
        "  - {id: a, valid_from: 0000-01-01, valid_to: 9999-12-31, price: \"1\", unit: hour}\n");
    CHECK(bound_of(parse_rfc3339("2026-05-01T00:00:00Z").value()) == "2026-05-01T00:00:00Z");
    for (const char* const text : {"0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
        const Instant at = parse_rfc3339(text).value();
        CHECK(parse_rfc3339(bound_of(at)).value() == at);
    }
}

}  // namespace dcm::rules
