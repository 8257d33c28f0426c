#include "audit/proof_text.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

const std::string kHash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

std::vector<Hash> hashes(std::size_t count) {
    std::vector<Hash> repeated(count, empty_root());
    return repeated;
}

TEST_CASE("a tlog-proof reads back as it was written", "[proof_text]") {
    const std::size_t count = GENERATE(std::size_t{0}, std::size_t{1}, kProofHashesMax);
    const InclusionProof proof{5, hashes(count), "note\n\n— x\n"};
    const auto read = parse_tlog_proof(format_tlog_proof(proof));
    REQUIRE(read.ok());
    CHECK(read.value().index == 5);
    CHECK(read.value().hashes == proof.hashes);
    CHECK(read.value().note == proof.note);
    CHECK(is_tlog_proof(format_tlog_proof(proof)));
}

TEST_CASE("the extra line that others add is passed over", "[proof_text]") {
    const auto read = parse_tlog_proof("c2sp.org/tlog-proof@v1\nextra AAE=\nindex 0\n\nnote\n");
    REQUIRE(read.ok());
    CHECK(read.value().note == "note\n");
    CHECK_FALSE(parse_tlog_proof("c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\nnote\n").ok());
}

TEST_CASE("what is no tlog-proof is told with its line", "[proof_text]") {
    struct Case {
        std::string text;
        std::string told;
    };
    const std::string head = "c2sp.org/tlog-proof@v1\n";
    const auto example = GENERATE_COPY(values<Case>({
        {"", "line 1: expected c2sp.org/tlog-proof@v1, got the end of the text"},
        {"c2sp.org/tlog-proof@v2\nindex 1\n\n", "line 1: expected c2sp.org/tlog-proof@v1"},
        {"\xEF\xBB\xBF" + head, "line 1"},
        {"c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\n", "line 1"},
        {head, "line 2: expected `index`"},
        {head + "index 01\n\n", "line 2"},
        {head + "index +1\n\n", "line 2"},
        {head + "index -1\n\n", "line 2"},
        {head + "index 1 \n\n", "line 2"},
        {head + "index \n\n", "line 2"},
        {head + "index 9223372036854775808\n\n", "line 2"},
        {head + "index 1\n" + kHash, "line 4: expected an empty line"},
        {head + "index 1\n" + kHash.substr(1) + "\n", "line 3: expected 32 bytes in base64"},
        {head + "index 1\nAAAA\n\n", "line 3"},
        // The bits that base64 leaves unused are not zero.
        {head + "index 1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n\n", "line 3"},
    }));
    CAPTURE(example.text);
    const auto read = parse_tlog_proof(example.text);
    REQUIRE_FALSE(read.ok());
    CHECK_THAT(read.error().message, Catch::Contains(example.told));
}

TEST_CASE("more hashes than any tree needs are refused, and longer texts", "[proof_text]") {
    CHECK_FALSE(
        parse_tlog_proof(format_tlog_proof({0, hashes(kProofHashesMax + 1), "note\n"})).ok());
    CHECK(parse_hashes(format_hashes(hashes(kProofHashesMax))).ok());
    CHECK_FALSE(parse_hashes(format_hashes(hashes(kProofHashesMax + 1))).ok());
    const std::string start = format_tlog_proof({0, {}, ""});
    CHECK(parse_tlog_proof(start + std::string(kProofBytesMax - start.size(), 'x')).ok());
    CHECK_FALSE(parse_tlog_proof(start + std::string(kProofBytesMax - start.size() + 1, 'x')).ok());
}

TEST_CASE("hashes are read a line each, and nothing else", "[proof_text]") {
    const auto none = parse_hashes("");
    REQUIRE(none.ok());
    CHECK(none.value().empty());
    const auto two = parse_hashes(kHash + kHash);
    REQUIRE(two.ok());
    CHECK(two.value() == hashes(2));
    CHECK_FALSE(parse_hashes("\n").ok());
    CHECK_FALSE(parse_hashes(kHash + "\n").ok());
    CHECK_FALSE(parse_hashes(kHash.substr(0, kHash.size() - 1)).ok());
    CHECK_FALSE(parse_hashes(" " + kHash).ok());
}

}  // namespace
}  // namespace dcm::audit
