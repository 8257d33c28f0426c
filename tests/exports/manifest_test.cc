#include "exports/manifest.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::exports {
namespace {

const std::string kHash(64, 'a');

Manifest sample() {
    Manifest manifest;
    manifest.name = "finance";
    manifest.focus_version = "1.2";
    manifest.compression = Compression::gzip;
    manifest.period = "2026-05";
    manifest.period_start = "2026-04-30T22:00:00Z";
    manifest.period_end = "2026-05-31T22:00:00Z";
    manifest.state = "closed";
    manifest.timezone = "Europe/Berlin";
    manifest.currency = "EUR";
    manifest.book = "sha256:00";
    manifest.log_size = 100;
    manifest.log_root = "cm9vdA==";
    manifest.as_of = "2026-06-03T00:00:00Z";
    manifest.checkpoint = "log\n100\ncm9vdA==\n\n\u2014 log c2ln\n";
    manifest.columns = {"BilledCost", "BillingAccountId"};
    manifest.files = {{"data/BILLING_PERIOD=2026-05/part-00001.csv.gz", 10, 3, kHash}};
    manifest.totals = {{"acme", Decimal::parse("1.50").value(), 2},
                       {"globex", Decimal::parse("-0.25").value(), 1}};
    manifest.supersedes = Superseded{kHash, "open", 90};
    return manifest;
}

TEST_CASE("a manifest is a member a line, and reads back as it was", "[exports]") {
    const std::string text = manifest_text(sample());
    CHECK(text.starts_with("{\n  \"manifest\": 1,\n  \"export\": \"finance\",\n"));
    CHECK(text.find("\n  \"rows\": 3,\n") != std::string::npos);
    CHECK(text.find("\n  \"total\": \"1.25\",\n") != std::string::npos);
    const Result<Manifest> read = parse_manifest(text);
    REQUIRE(read.ok());
    CHECK(read.value() == sample());
    CHECK(manifest_text(read.value()) == text);
}

TEST_CASE("without files, totals and predecessor it reads back too", "[exports]") {
    Manifest manifest = sample();
    manifest.format = Format::jsonl;
    manifest.focus_version.clear();
    manifest.files.clear();
    manifest.totals.clear();
    manifest.supersedes.reset();
    CHECK(parse_manifest(manifest_text(manifest)).value() == manifest);
}

TEST_CASE("what is missing or of another kind is told", "[exports]") {
    struct Case {
        std::string from;
        std::string to;
        std::string told;
    };
    for (const Case& c :
         {Case{"\"manifest\": 1", "\"manifest\": 2", "version 1 for manifest"},
          Case{"\"rows\": 3,", "\"rows\": 4,", "sum of those of the files for rows"},
          Case{"\"1.25\"", "\"1.26\"", "sum of the totals for total"},
          Case{"\"1.5\"", "1.5", "a text for total"},
          Case{"\"1.5\"", "\"x\"", "a decimal number for total"},
          Case{"\"bytes\":10", "\"bytes\":-1", "a whole number below 2^53 for bytes"},
          Case{"\"bytes\":10", "\"bytes\":9007199254740992", "below 2^53 for bytes"},
          Case{"\"bytes\":10", "\"bytes\":18446744073709551615", "below 2^53 for bytes"},
          Case{"\"gzip\"", "\"rar\"", "known words for format and compression"},
          Case{"\"currency\"", "\"money\"", "a text for currency"},
          Case{"\"1.2\"", "\"1.4\"", "a version that is known, 1.2, for focus_version"},
          Case{"\"closed\"", "\"shut\"", "open or closed for state"},
          Case{"\"rows\": 3,", "\"rows\": 4,\"rows\": 3,", "each member once, got \"rows\" twice"},
          Case{"\"bytes\":10", "\"bytes\":10,\"bytes\":10", "each member once, got \"bytes\""},
          Case{"\"sha256\":\"a", "\"sha256\":\"", "the hex digits of a SHA-256 for sha256"},
          Case{"\"sha256\":\"a", "\"sha256\":\"\\u001b", "the hex digits of a SHA-256"}}) {
        INFO(c.from);
        std::string text = manifest_text(sample());
        const std::size_t at = text.find(c.from);
        REQUIRE(at != std::string::npos);
        text.replace(at, c.from.size(), c.to);
        const Result<Manifest> read = parse_manifest(text);
        REQUIRE_FALSE(read.ok());
        CHECK(read.error().message.find(c.told) != std::string::npos);
    }
    for (const char* const text : {"", "[]", "null", "{", "{}", "\xFF"}) {
        CHECK_FALSE(parse_manifest(text).ok());
    }
}

TEST_CASE("sums over a manifest's files stay numbers that every reader keeps", "[exports]") {
    Manifest manifest = sample();
    manifest.files.front().rows = 9'007'199'254'740'991;
    CHECK(parse_manifest(manifest_text(manifest)).ok());
    manifest.files.resize(2, manifest.files.front());
    const Result<Manifest> read = parse_manifest(manifest_text(manifest));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message == "expected bytes and rows below 2^53 in all for files");
}

TEST_CASE("when it was computed is not its content", "[exports]") {
    Manifest later = sample();
    later.log_size = 101;
    later.as_of = "2026-06-04T00:00:00Z";
    later.checkpoint = "another";
    later.supersedes.reset();
    CHECK(same_content(sample(), later));
    later.state = "open";
    CHECK_FALSE(same_content(sample(), later));
}

TEST_CASE("names of exports and of their folders", "[exports]") {
    for (const char* const name : {"finance", "a", "9-x_y"}) {
        CHECK(is_export_name(name));
    }
    for (const std::string& name : {std::string(),
                                    std::string("-rf"),
                                    std::string(".."),
                                    std::string("a/b"),
                                    std::string("A"),
                                    std::string("a\n"),
                                    std::string(64, 'a')}) {
        CHECK_FALSE(is_export_name(name));
    }
    CHECK(period_folder_name("2026-05") == "BILLING_PERIOD=2026-05");
    CHECK(period_of_folder("BILLING_PERIOD=2026-05") == "2026-05");
    CHECK_FALSE(period_of_folder("BILLING_PERIOD=2026-13").has_value());
    CHECK_FALSE(period_of_folder("2026-05").has_value());
    CHECK(part_name(Format::jsonl, Compression::zstd) == "part-00001.jsonl.zst");
    CHECK(part_name(Format::lines, Compression::none) == "part-00001.csv");
}

}  // namespace
}  // namespace dcm::exports
