#include "audit/verify.h"

#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::sample_key;
using testing::SampleLog;
using testing::verify;
using testing::VerifySetup;

constexpr std::int64_t kSize = 600;

using Change = std::function<void(SampleLog&)>;

struct TamperCase {
    std::string name;
    int exit_code;
    std::optional<std::int64_t> first_bad_seq;
    Change change;
};

SampleLog whole_log() {
    static const SampleLog log = make_log(kSize);
    return log;
}

// The leaf hashes behind the last full tile.
std::string edge_of(const SampleLog& log) {
    std::string edge;
    for (std::size_t i = 512; i < log.rows.size(); ++i) {
        edge += hash_bytes(leaf_hash(encode_leaf(log.rows[i])));
    }
    return edge;
}

void erase_rows(SampleLog& log, std::int64_t from, std::int64_t to) {
    log.rows.erase(log.rows.begin() + from, log.rows.begin() + to);
}

std::vector<TamperCase> tamper_cases() {
    return {
        {"nothing", 0, std::nullopt, [](SampleLog&) {}},
        {"fault 2: one byte of a body", 1, 17, [](SampleLog& log) { log.rows[17].body = "{} "; }},
        {"fault 2: one byte of the last row of a tile",
         1,
         255,
         [](SampleLog& log) { log.rows[255].outcome = "Accepted"; }},
        {"fault 2: one byte of the first row of the second tile",
         1,
         256,
         [](SampleLog& log) { log.rows[256].outcome = "Accepted"; }},
        {"fault 14: NULL for an empty text",
         1,
         300,
         [](SampleLog& log) { log.rows[300].tenant = ""; }},
        {"fault 2: a row behind the last full tile, found within its subtree",
         1,
         512,
         [](SampleLog& log) { log.rows[570].body = "{}"; }},
        {"fault 2: the same where the store keeps the tree's edge",
         1,
         570,
         [](SampleLog& log) {
             log.tree->edge = edge_of(log);
             log.rows[570].body = "{}";
         }},
        {"fault 4: a row in the middle removed",
         1,
         100,
         [](SampleLog& log) { erase_rows(log, 100, 101); }},
        {"fault 4: the first row removed", 1, 0, [](SampleLog& log) { erase_rows(log, 0, 1); }},
        {"the last row removed, the head left",
         1,
         599,
         [](SampleLog& log) { erase_rows(log, 599, 600); }},
        {"all rows removed, the head left", 1, 0, [](SampleLog& log) { log.rows.clear(); }},
        {"fault 5: the tail removed and the tree rolled back",
         5,
         std::nullopt,
         [](SampleLog& log) {
             erase_rows(log, 590, 600);
             log.rebuild_tree();
         }},
        {"fault 6: the whole log emptied",
         5,
         std::nullopt,
         [](SampleLog& log) {
             log.rows.clear();
             log.payloads.clear();
             log.rebuild_tree();
         }},
        {"fault 6: no tables at all", 5, std::nullopt, [](SampleLog& log) { log = SampleLog(); }},
        {"the head removed", 1, std::nullopt, [](SampleLog& log) { log.tree.reset(); }},
        {"fault 7: a row inserted and the rest renumbered, the tree built again",
         1,
         0,
         [](SampleLog& log) {
             log.rows.insert(log.rows.begin() + 50, log.rows[49]);
             for (std::size_t i = 0; i < log.rows.size(); ++i) {
                 log.rows[i].seq = static_cast<std::int64_t>(i);
             }
             log.payloads.clear();
             for (Record& row : log.rows) {
                 row.payload_commit.reset();
                 row.payload_len.reset();
             }
             log.rebuild_tree();
         }},
        {"fault 8: a row appended without the head",
         1,
         600,
         [](SampleLog& log) {
             Record row = log.rows.back();
             row.seq = kSize;
             row.payload_commit.reset();
             log.rows.push_back(row);
         }},
        {"fault 8: the same with head and tiles to match, and no seal",
         1,
         600,
         [](SampleLog& log) {
             Record row = log.rows.back();
             row.seq = kSize;
             row.payload_commit.reset();
             log.rows.push_back(row);
             log.rebuild_tree();
         }},
        {"fault 8: the same sealed with another key",
         1,
         600,
         [](SampleLog& log) {
             Record row = log.rows.back();
             row.seq = kSize;
             row.payload_commit.reset();
             log.rows.push_back(row);
             log.rebuild_tree();
             log.set_seal(sample_key('x'));
         }},
        {"fault 8: the seal taken away",
         1,
         std::nullopt,
         [](SampleLog& log) { log.tree->seal.reset(); }},
        {"fault 9: two rows swapped",
         1,
         10,
         [](SampleLog& log) { std::swap(log.rows[10], log.rows[11]); }},
        {"fault 9: two rows swapped but for their seq and payload",
         1,
         10,
         [](SampleLog& log) {
             log.rows[10].subject = "vm/b";
             log.rows[11].subject = "vm/c";
         }},
        {"fault 10: a row repeated",
         1,
         10,
         [](SampleLog& log) { log.rows.insert(log.rows.begin() + 11, log.rows[10]); }},
        {"fault 10: a row again under a new seq",
         1,
         600,
         [](SampleLog& log) {
             log.rows.push_back(log.rows[10]);
             log.rows.back().seq = kSize;
             log.rows.back().recorded_at = log.rows[599].recorded_at;
             log.payloads[kSize] = log.payloads[10];
         }},
        {"a time before the previous one",
         1,
         20,
         [](SampleLog& log) { log.rows[20].recorded_at = 5; }},
        {"text that is not UTF-8", 1, 30, [](SampleLog& log) { log.rows[30].actor = "\xFF"; }},
        {"a leaf of more than 65,535 bytes",
         1,
         31,
         [](SampleLog& log) { log.rows[31].body = std::string(70'000, 'x'); }},
        {"fault 17: a tile's leaf hash, rows left",
         1,
         std::nullopt,
         [](SampleLog& log) {
             log.tiles[{0, 1}][40] ^= 1;
         }},
        {"a tile removed",
         1,
         std::nullopt,
         [](SampleLog& log) {
             log.tiles.erase({0, 1});
         }},
        {"a tile cut short",
         1,
         std::nullopt,
         [](SampleLog& log) {
             log.tiles[{0, 1}].pop_back();
         }},
        {"a tile too many", 1, std::nullopt, [](SampleLog& log) { ++log.tree->tile_count; }},
        {"fault 17: the frontier, rows left",
         1,
         std::nullopt,
         [](SampleLog& log) { log.tree->frontier.back() ^= 1; }},
        {"the frontier cut short",
         1,
         std::nullopt,
         [](SampleLog& log) { log.tree->frontier.resize(32); }},
        {"a negative head", 1, 0, [](SampleLog& log) { log.tree->size = -1; }},
    };
}

TEST_CASE("tampering with a log gives the exit code and the first bad record", "[verify]") {
    const std::string note = whole_log().note(kSize);
    for (const TamperCase& test : tamper_cases()) {
        CAPTURE(test.name);
        SampleLog log = whole_log();
        test.change(log);
        const Verdict verdict = verify(log, {{"file", note}});
        CHECK(verdict.exit_code == test.exit_code);
        CHECK(verdict.first_bad_seq == test.first_bad_seq);
        CHECK(verdict.findings.empty() == (test.exit_code == 0));
        CHECK((verdict.word == "verified") == (test.exit_code == 0));
    }
}

TEST_CASE("a verified log reports its size, root and what its anchors cover", "[verify]") {
    const SampleLog log = whole_log();
    const Verdict verdict = verify(log, {{"file", log.note(590)}});
    CHECK(verdict.exit_code == 0);
    CHECK(verdict.size == kSize);
    CHECK(sign_checkpoint({testing::kOrigin, kSize, verdict.root}, sample_key()) ==
          log.note(kSize));
    CHECK(verdict.records_checked == kSize);
    CHECK(verdict.records_after_anchor == 10);
    CHECK(verdict.anchors == std::vector<AnchorReport>{{"file", AnchorState::agrees, 1, 590}});
}

TEST_CASE("a rewritten log is found by a checkpoint, and bounded by the ones that agree",
          "[verify]") {
    SampleLog log = whole_log();
    log.checkpoints = {{100, log.note(100)}, {200, log.note(200)}, {300, log.note(300)}};
    log.rows[250].body = "{}";
    log.rebuild_tree();
    const Verdict verdict = verify(log, {});
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.first_bad_seq == 200);
}

TEST_CASE("fault 19: a history rewritten and signed with the stolen key is found by an old anchor",
          "[verify]") {
    const std::string old_note = whole_log().note(kSize);
    SampleLog log = whole_log();
    log.rows[250].body = "{}";
    log.rebuild_tree();
    CHECK(verify(log, {{"new", log.note(kSize)}}).exit_code == 1);
    log.set_seal();
    CHECK(verify(log, {{"new", log.note(kSize)}}).exit_code == 0);
    const Verdict verdict = verify(log, {{"new", log.note(kSize)}, {"old", old_note}});
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.anchors[0].state == AnchorState::agrees);
    CHECK(verdict.anchors[1].state == AnchorState::differs);
}

TEST_CASE("fault 22: two notes of one size with different roots are never both right", "[verify]") {
    const SampleLog log = whole_log();
    const std::string other =
        sign_checkpoint({testing::kOrigin, kSize, empty_root()}, sample_key());
    CHECK(verify(log, {{"file", log.note(kSize) + other}}).exit_code == 1);
}

TEST_CASE("verification goes on from a tree that was verified before", "[verify]") {
    const SampleLog log = whole_log();
    for (const std::int64_t start : {1, 255, 256, 257, 512, 599, 600}) {
        CAPTURE(start);
        VerifySetup setup;
        setup.start = start;
        const std::vector<Anchor> anchors{{"file", log.note(100) + log.note(kSize)}};
        const Verdict verdict = verify(log, anchors, setup);
        CHECK(verdict.exit_code == 0);
        CHECK(verdict.records_checked == kSize - start);
        CHECK(verdict.size == kSize);

        SampleLog changed = log;
        changed.rows[599].body = "{}";
        CHECK(verify(changed, anchors, setup).exit_code == 1);
        changed = log;
        changed.tiles[{0, 1}][0] ^= 1;
        CHECK(verify(changed, anchors, setup).exit_code == (start <= 256 ? 1 : 0));

        changed = log;
        changed.tree->edge = edge_of(log);
        CHECK(verify(changed, anchors, setup).exit_code == 0);
        changed.tree->edge->pop_back();
        CHECK(verify(changed, anchors, setup).exit_code == 1);
    }
}

TEST_CASE("a head smaller than what was verified before is a rollback", "[verify]") {
    const SampleLog log = whole_log();
    SampleLog shorter = make_log(500);
    VerifyOptions options;
    options.trusted = {sample_key().verifier()};
    options.before.tree = Frontier::restore(kSize, log.tree->frontier).value();
    options.stored_tile = [](const TileId&) { return std::nullopt; };
    LogVerifier verifier(options, {}, {{"file", log.note(kSize)}});
    verifier.compare(shorter.tree);
    CHECK(verifier.finish().exit_code == 5);
}

TEST_CASE("inner tiles are held against the tiles below them", "[verify]") {
    SampleLog log = make_log(65'537);
    const std::string note = log.note(65'537);
    CHECK(log.tiles.size() == 257);
    CHECK(verify(log, {{"file", note}}).exit_code == 0);
    SampleLog changed = log;
    changed.tiles[{1, 0}][0] ^= 1;
    const Verdict verdict = verify(changed, {{"file", note}});
    CHECK(verdict.exit_code == 1);
    CHECK_FALSE(verdict.first_bad_seq);
    changed = log;
    changed.rows[65'535].outcome = "";
    CHECK(verify(changed, {{"file", note}}).first_bad_seq == 65'535);
}

TEST_CASE("a log of any size around tile edges verifies", "[verify]") {
    const std::int64_t size = GENERATE(1, 2, 3, 255, 256, 257, 511, 512, 513);
    const SampleLog log = make_log(size);
    CHECK(verify(log, {{"file", log.note(size)}}).exit_code == 0);
    CHECK(verify(log, {}).exit_code == 6);
}

TEST_CASE("findings are kept up to a limit, and counted beyond it", "[verify]") {
    SampleLog log = whole_log();
    for (auto& [seq, beside] : log.payloads) {
        beside.payload = "x";
    }
    const Verdict verdict = verify(log, {{"file", log.note(kSize)}});
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.first_bad_seq == 0);
    CHECK(verdict.findings.size() == kFindingsMax);
    CHECK(verdict.findings_omitted == kSize - static_cast<std::int64_t>(kFindingsMax));
}

TEST_CASE("a finding of the caller takes part in the verdict", "[verify]") {
    const std::vector<std::pair<FindingKind, int>> cases{{FindingKind::tampered, 1},
                                                         {FindingKind::malformed, 3},
                                                         {FindingKind::rolled_back, 5},
                                                         {FindingKind::unproven, 6},
                                                         {FindingKind::unreadable, 4}};
    for (const auto& [kind, exit_code] : cases) {
        const SampleLog log = make_log(1);
        VerifyOptions options;
        options.trusted = {sample_key().verifier()};
        options.stored_tile = [](const TileId&) { return std::nullopt; };
        LogVerifier verifier(options, {}, {{"file", log.note(1)}});
        const std::string salt(32, '\1');
        verifier.add(RowExaminer().examine(log.rows[0], {salt, "payload 0", std::nullopt}));
        verifier.add_finding({kind, 0, "found"});
        verifier.compare(log.tree);
        const Verdict verdict = verifier.finish();
        CHECK(verdict.exit_code == exit_code);
        CHECK(verdict.word == word_of(kind));
        CHECK(verdict.first_bad_seq ==
              (kind == FindingKind::tampered ? std::optional<std::int64_t>(0) : std::nullopt));
    }
}

}  // namespace
}  // namespace dcm::audit
