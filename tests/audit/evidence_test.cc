#include "audit/evidence.h"

#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::sample_key;
using testing::SampleLog;
using testing::verify;
using testing::VerifySetup;

constexpr std::int64_t kSmallSize = 10;

SampleLog small_log() {
    return make_log(kSmallSize);
}

std::string other_origin() {
    return sign_checkpoint({"other/audit/0123456789abcdef", kSmallSize, empty_root()},
                           sample_key());
}

struct AnchorCase {
    std::string name;
    std::vector<Anchor> anchors;
    int exit_code;
    std::vector<AnchorState> states;
};

std::vector<AnchorCase> anchor_cases() {
    const SampleLog log = small_log();
    const std::string note = log.note(kSmallSize);
    const std::string crlf = "a\r\nb\r\n\r\n";
    const std::string ahead = make_log(kSmallSize + 1).note(kSmallSize + 1);
    const std::string foreign_key = log.note(kSmallSize, sample_key('x'));
    const std::string foreign_name = log.note(kSmallSize, sample_key('k', "other"));
    using State = AnchorState;
    return {
        {"one that agrees", {{"a", note}}, 0, {State::agrees}},
        {"an old and a new note", {{"a", log.note(3) + note}}, 0, {State::agrees}},
        {"an old note alone", {{"a", log.note(3)}}, 0, {State::agrees}},
        {"a note of the empty tree alone", {{"a", log.note(0)}}, 0, {State::agrees}},
        {"none", {}, 6, {}},
        {"a missing one", {{"a", std::nullopt}}, 6, {State::missing}},
        {"an empty one", {{"a", std::string()}}, 6, {State::missing}},
        {"one that agrees and a missing one",
         {{"a", note}, {"b", std::nullopt}},
         0,
         {State::agrees, State::missing}},
        {"fault 5: one that is ahead", {{"a", note + ahead}}, 5, {State::ahead}},
        {"fault 26: one rolled back as well, another ahead",
         {{"a", note}, {"b", ahead}},
         5,
         {State::agrees, State::ahead}},
        {"fault 20: of another origin", {{"a", other_origin()}}, 1, {State::refused}},
        {"fault 20: of another key", {{"a", foreign_key}}, 1, {State::refused}},
        {"fault 20: of another key's name", {{"a", foreign_name}}, 1, {State::refused}},
        {"fault 20: malformed", {{"a", crlf}}, 3, {State::refused}},
        {"fault 20: torn", {{"a", note + note.substr(0, 50)}}, 3, {State::refused}},
        {"fault 20: a piece of a megabyte",
         {{"a", note + std::string(kNoteBytesMax + 1, 'x')}},
         3,
         {State::refused}},
        {"malformed, next to one that agrees",
         {{"a", note}, {"b", crlf}},
         3,
         {State::agrees, State::refused}},
        {"malformed and ahead: 3 wins over 5",
         {{"a", ahead}, {"b", crlf}},
         3,
         {State::ahead, State::refused}},
        {"malformed and of another key: 1 wins over 3",
         {{"a", foreign_key}, {"b", crlf}},
         1,
         {State::refused, State::refused}},
        {"ahead and missing: 5 wins over 6",
         {{"a", ahead}, {"b", std::nullopt}},
         5,
         {State::ahead, State::missing}},
    };
}

TEST_CASE("anchors decide the verdict of a log that is whole", "[evidence]") {
    for (const AnchorCase& test : anchor_cases()) {
        CAPTURE(test.name);
        const Verdict verdict = verify(small_log(), test.anchors);
        CHECK(verdict.exit_code == test.exit_code);
        std::vector<AnchorState> states;
        for (const AnchorReport& report : verdict.anchors) {
            states.push_back(report.state);
        }
        CHECK(states == test.states);
        CHECK_FALSE(verdict.first_bad_seq);
    }
}

TEST_CASE(
    "notes that are not in the order of their sizes are held against the records all the same",
    "[evidence]") {
    const SampleLog log = small_log();
    const auto false_note = [](std::int64_t size) {
        return sign_checkpoint({testing::kOrigin, size, leaf_hash("other")}, sample_key());
    };
    const std::string ahead = make_log(kSmallSize + 1).note(kSmallSize + 1);
    const struct {
        std::string text;
        int exit_code;
        AnchorState state;
    } cases[] = {
        {log.note(kSmallSize) + log.note(3), 0, AnchorState::agrees},
        {log.note(7) + log.note(7) + log.note(0) + log.note(5), 0, AnchorState::agrees},
        {log.note(kSmallSize) + false_note(3), 1, AnchorState::differs},
        {log.note(5) + log.note(3) + false_note(4) + log.note(kSmallSize), 1, AnchorState::differs},
        {log.note(5) + false_note(0), 1, AnchorState::differs},
        {ahead + log.note(3), 5, AnchorState::ahead},
        {ahead + false_note(3), 1, AnchorState::differs},
        {ahead + false_note(kSmallSize), 1, AnchorState::differs},
    };
    for (const auto& test : cases) {
        CAPTURE(test.text);
        const Verdict verdict = verify(log, {{"a", test.text}});
        CHECK(verdict.exit_code == test.exit_code);
        CHECK(verdict.anchors.at(0).state == test.state);
    }
    const Verdict newest = verify(log, {{"a", log.note(kSmallSize) + log.note(3)}});
    CHECK(newest.anchors.at(0).size == kSmallSize);
    CHECK(newest.records_after_anchor == 0);
}

// Goal: an anchor that has a note for each second of years takes no memory.
TEST_CASE("an anchor is read as far as the records are", "[evidence]") {
    constexpr std::int64_t size = 300;
    const SampleLog log = make_log(size);
    std::int64_t given = 0;
    const TextParts notes(
        [&log, &given] { return given < size ? log.note(++given) : std::string(); });
    Findings findings;
    Evidence evidence({sample_key().verifier()}, findings, nullptr);
    evidence.add_anchors({{"a", notes}});
    Frontier tree;
    evidence.begin(tree, nullptr);
    for (const Record& row : log.rows) {
        tree.append(leaf_hash(encode_leaf(row)));
        evidence.compare(tree);
        CHECK(given <= tree.size() + 2);
    }
    evidence.finish(tree);
    CHECK(evidence.reports().at(0) == AnchorReport{"a", AnchorState::agrees, size, size});
    CHECK_FALSE(findings.worst());
}

TEST_CASE("fault 24: fewer agreeing anchors than the quorum prove nothing", "[evidence]") {
    const SampleLog log = small_log();
    const std::string note = log.note(kSmallSize);
    VerifySetup setup;
    setup.quorum = 2;
    CHECK(verify(log, {{"a", note}}, setup).exit_code == 6);
    CHECK(verify(log, {{"a", note}, {"b", std::nullopt}}, setup).exit_code == 6);
    CHECK(verify(log, {{"a", note}, {"b", log.note(1)}}, setup).exit_code == 0);
    CHECK(verify(log, {{"a", note + note}}, setup).exit_code == 6);
    setup.quorum = 0;
    CHECK(verify(log, {}, setup).exit_code == 0);
}

TEST_CASE("an empty log is verified only by an anchor of size 0", "[evidence]") {
    const SampleLog log = make_log(0);
    VerifySetup setup;
    setup.quorum = 0;
    CHECK(verify(log, {}).exit_code == 6);
    CHECK(verify(log, {}, setup).exit_code == 6);
    CHECK(verify(log, {{"a", std::nullopt}}).exit_code == 6);
    CHECK(verify(log, {{"a", log.note(0)}}).exit_code == 0);
    CHECK(verify(log, {{"a", make_log(1).note(1)}}).exit_code == 5);
    const std::string wrong = sign_checkpoint({testing::kOrigin, 0, leaf_hash("")}, sample_key());
    CHECK(verify(log, {{"a", wrong}}).exit_code == 1);
}

TEST_CASE("fault 6: a database without tables is never verified", "[evidence]") {
    CHECK(verify(SampleLog(), {}).exit_code == 6);
    CHECK(verify(SampleLog(), {{"a", make_log(0).note(0)}}).exit_code == 6);
    CHECK(verify(SampleLog(), {{"a", make_log(1).note(1)}}).exit_code == 5);
}

TEST_CASE("without a verifier key no note counts", "[evidence]") {
    const SampleLog log = small_log();
    VerifySetup setup;
    setup.keys.reset();
    const Verdict verdict = verify(log, {{"a", log.note(kSmallSize)}}, setup);
    CHECK(verdict.exit_code == 6);
    CHECK(verdict.anchors[0].state == AnchorState::unchecked);
}

TEST_CASE("fault 18: stored checkpoints are evidence, their absence is none", "[evidence]") {
    const SampleLog log = small_log();
    const std::vector<Anchor> anchors{{"a", log.note(kSmallSize)}};
    const std::vector<std::pair<StoredNote, int>> cases{
        {{kSmallSize, log.note(kSmallSize)}, 0},
        {{3, log.note(3)}, 0},
        {{4, log.note(3)}, 1},
        {{3, log.note(3, sample_key('x'))}, 1},
        {{kSmallSize, other_origin()}, 1},
        {{3, "no note"}, 3},
        {{3, log.note(3) + log.note(4)}, 3},
        {{3, ""}, 3},
        {{kSmallSize + 1, make_log(kSmallSize + 1).note(kSmallSize + 1)}, 5},
        {{kSmallSize, sign_checkpoint({testing::kOrigin, kSmallSize, empty_root()}, sample_key())},
         1}};
    for (const auto& [stored, exit_code] : cases) {
        CAPTURE(stored.size, stored.note);
        SampleLog changed = log;
        changed.checkpoints = {stored};
        CHECK(verify(changed, anchors).exit_code == exit_code);
    }
    SampleLog stored_only = log;
    stored_only.checkpoints = {{kSmallSize, log.note(kSmallSize)}};
    CHECK(verify(stored_only, {}).exit_code == 6);
}

TEST_CASE("fault 99: a hostile origin is shown in printable ASCII and cut", "[evidence]") {
    const std::string origin = "\xE2\x81\xA0" + std::string(1000, 'x');
    const std::string note = sign_checkpoint({origin, kSmallSize, empty_root()}, sample_key());
    const Verdict verdict = verify(small_log(), {{"a\x1B[31m", note}});
    REQUIRE(verdict.findings.size() == 1);
    const std::string& text = verdict.findings[0].text;
    CHECK(text.find("\\xe2\\x81\\xa0") != std::string::npos);
    CHECK(text.find("a\\x1b[31m") != std::string::npos);
    CHECK(text.size() < 600);
}

}  // namespace
}  // namespace dcm::audit
