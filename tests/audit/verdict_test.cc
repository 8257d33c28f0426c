#include "audit/verdict.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace dcm::audit {
namespace {

TEST_CASE("the verdict is one JSON object on one line", "[verdict]") {
    Verdict verdict;
    verdict.exit_code = 1;
    verdict.word = "tampered";
    verdict.size = 3;
    verdict.root = empty_root();
    verdict.first_bad_seq = 2;
    verdict.findings = {{FindingKind::tampered, 2, "record 2: \"x\""},
                        {FindingKind::unproven, std::nullopt, "y"}};
    verdict.findings_omitted = 4;
    verdict.anchors = {{"file\xFF", AnchorState::agrees, 2, 3}};
    verdict.records_checked = 3;
    const std::string text = verdict_json(verdict);
    CHECK(text.find('\n') == text.size() - 1);
    const nlohmann::json object = nlohmann::json::parse(text);
    CHECK(object["verdict"] == "tampered");
    CHECK(object["exit"] == 1);
    CHECK(object["size"] == 3);
    CHECK(object["root"] == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    CHECK(object["first_bad_seq"] == 2);
    CHECK(object["findings"][0]["kind"] == "tampered");
    CHECK(object["findings"][0]["seq"] == 2);
    CHECK(object["findings"][0]["text"] == "record 2: \"x\"");
    CHECK(object["findings"][1]["seq"].is_null());
    CHECK(object["findings_omitted"] == 4);
    CHECK(object["anchors"][0]["state"] == "agrees");
    CHECK(object["anchors"][0]["size"] == 3);
    CHECK(object["records_checked"] == 3);
    CHECK(object["records_after_anchor"] == 0);
    verdict.first_bad_seq.reset();
    CHECK(nlohmann::json::parse(verdict_json(verdict))["first_bad_seq"].is_null());
}

TEST_CASE("the worst finding wins in the order 1, 3, 5, 6, 4", "[verdict]") {
    const std::vector<std::pair<FindingKind, int>> order{{FindingKind::tampered, 1},
                                                         {FindingKind::malformed, 3},
                                                         {FindingKind::rolled_back, 5},
                                                         {FindingKind::unproven, 6},
                                                         {FindingKind::unreadable, 4},
                                                         {FindingKind::unguarded, 1}};
    for (std::size_t better = 0; better < order.size(); ++better) {
        CHECK(exit_code_of(order[better].first) == order[better].second);
        for (std::size_t worse = better; worse < order.size(); ++worse) {
            Findings findings;
            findings.add({order[worse].first, std::nullopt, ""});
            findings.add({order[better].first, std::nullopt, ""});
            CHECK(findings.worst() == order[better].first);
        }
    }
    CHECK_FALSE(Findings().worst());
}

TEST_CASE("the first bad record is the smallest of those tampered with", "[verdict]") {
    Findings findings;
    findings.add({FindingKind::rolled_back, 1, ""});
    CHECK_FALSE(findings.first_bad_seq());
    findings.add({FindingKind::tampered, 9, ""});
    findings.add({FindingKind::tampered, 4, ""});
    findings.add({FindingKind::tampered, std::nullopt, ""});
    CHECK(findings.first_bad_seq() == 4);
}

TEST_CASE("a finding beyond the limit still decides the verdict", "[verdict]") {
    Findings findings;
    for (std::size_t i = 0; i < kFindingsMax; ++i) {
        findings.add({FindingKind::malformed, std::nullopt, ""});
    }
    CHECK(findings.omitted() == 0);
    findings.add({FindingKind::tampered, 7, ""});
    CHECK(findings.omitted() == 1);
    CHECK(findings.kept().size() == kFindingsMax);
    CHECK(findings.worst() == FindingKind::tampered);
    CHECK(findings.first_bad_seq() == 7);
}

TEST_CASE("however many notes are disputed, the record that is wrong is kept", "[verdict]") {
    Findings findings;
    for (std::size_t i = 0; i < 2 * kFindingsMax; ++i) {
        findings.add({FindingKind::tampered, std::nullopt, "", /*is_disputed_note=*/true});
    }
    findings.add({FindingKind::tampered, 7, "record 7"});
    CHECK(findings.disputed_notes() == 2 * std::int64_t{kFindingsMax});
    CHECK(findings.kept().size() == kDisputedNotesMax + 1);
    CHECK(findings.kept().back().text == "record 7");
    CHECK(findings.omitted() == 2 * std::int64_t{kFindingsMax} - std::int64_t{kDisputedNotesMax});
}

TEST_CASE("fault 99: shown text is printable ASCII and of bounded length", "[verdict]") {
    CHECK(printable("a b~") == "a b~");
    CHECK(printable("\x1B[0m\n\x7F\xC3\xA9") == "\\x1b[0m\\x0a\\x7f\\xc3\\xa9");
    CHECK(printable(std::string(200, 'x')) == std::string(200, 'x'));
    CHECK(printable(std::string(201, 'x')) == std::string(200, 'x') + "...");
}

}  // namespace
}  // namespace dcm::audit
