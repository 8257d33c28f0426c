#include "cli/verdict_text.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

audit::Finding disputed(const std::string& text) {
    return {audit::FindingKind::tampered, std::nullopt, text, /*is_disputed_note=*/true};
}

audit::Verdict tampered_with() {
    audit::Verdict verdict;
    verdict.exit_code = 1;
    verdict.word = "tampered";
    verdict.size = 565;
    verdict.records_checked = 565;
    verdict.records_after_anchor = 565;
    verdict.first_bad_seq = 3;
    verdict.anchors = {{"a.anchors", audit::AnchorState::differs, 48, 565}};
    return verdict;
}

TEST_CASE("the record that is wrong comes first, and the notes behind it are one line",
          "[verdict_text]") {
    audit::Verdict verdict = tampered_with();
    verdict.findings = {disputed("the stored checkpoint of size 8 signs another root"),
                        disputed("the stored checkpoint of size 16 signs another root"),
                        {audit::FindingKind::tampered, std::nullopt, "the head differs"},
                        {audit::FindingKind::tampered, 3, "the leaf of record 3 differs"}};
    verdict.disputed_notes = 96;
    CHECK(verdict_text(verdict) ==
          "tampered: 565 records checked, size 565, root "
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
          "first bad record: seq 3\n"
          "finding: tampered, seq 3: the leaf of record 3 differs\n"
          "finding: tampered: the head differs\n"
          "finding: tampered: the stored checkpoint of size 8 signs another root; 95 more signed "
          "notes behind it do not fit either\n"
          "anchor: a.anchors differs, 48 notes, newest of size 565\n"
          "no anchor agrees with any of the 565 records\n");
}

TEST_CASE("one disputed note is told without a count, two with one", "[verdict_text]") {
    audit::Verdict verdict = tampered_with();
    verdict.findings = {disputed("size 8 signs another root")};
    verdict.disputed_notes = 1;
    CHECK_THAT(verdict_text(verdict), Catch::Contains("size 8 signs another root\n"));
    verdict.disputed_notes = 2;
    CHECK_THAT(verdict_text(verdict),
               Catch::Contains("another root; 1 more signed note behind it does not fit either\n"));
}

TEST_CASE("what anchors do not reach is counted from the newest note that agrees",
          "[verdict_text]") {
    audit::Verdict verdict = tampered_with();
    verdict.records_after_anchor = 5;
    CHECK_THAT(verdict_text(verdict),
               Catch::EndsWith("\n5 records after the newest note of an anchor that agrees\n"));
    verdict.records_after_anchor = 0;
    CHECK_THAT(verdict_text(verdict), Catch::EndsWith("newest of size 565\n"));
}

}  // namespace
}  // namespace dcm::cli
