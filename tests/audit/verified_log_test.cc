#include "audit/verified_log.h"

#include "audit/verify.h"
#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::notes_of;
using testing::sample_key;
using testing::SampleLog;

VerifiedLog some_log() {
    Frontier tree;
    for (const char* const leaf : {"a", "b", "c"}) {
        tree.append(leaf_hash(leaf));
    }
    return {"example/audit/0123456789abcdef", tree, 1'777'629'600'000'000, {{0, 1}, {2, 3}}};
}

TEST_CASE("what was verified reads back as it was written", "[verified]") {
    VerifiedLog empty{"o", {}, std::nullopt, {}};
    for (const VerifiedLog& verified : {some_log(), empty}) {
        const auto read = parse_verified_log(format_verified_log(verified));
        REQUIRE(read.ok());
        CHECK(read.value() == verified);
    }
}

TEST_CASE("a damaged file of what was verified is refused, whichever byte it is", "[verified]") {
    const std::string text = format_verified_log(some_log());
    for (std::size_t at = 0; at < text.size(); ++at) {
        CAPTURE(at);
        std::string changed = text;
        changed[at] ^= 1;
        CHECK_FALSE(parse_verified_log(changed).ok());
        CHECK_FALSE(parse_verified_log(text.substr(0, at)).ok());
    }
    CHECK_FALSE(parse_verified_log(text + "\n").ok());
}

TEST_CASE("stretches that no verification leaves are refused", "[verified]") {
    using Stretches = std::vector<SeqStretch>;
    for (const Stretches& missing : {Stretches{{1, 1}},
                                     Stretches{{2, 1}},
                                     Stretches{{-1, 1}},
                                     Stretches{{2, 4}},
                                     Stretches{{1, 2}, {0, 1}}}) {
        VerifiedLog verified = some_log();
        verified.missing = missing;
        CHECK_FALSE(parse_verified_log(format_verified_log(verified)).ok());
    }
}

// Verifies the rows from `before` on; what may be remembered is left in it when all is well.
Verdict go_on(const SampleLog& log, const std::vector<Anchor>& anchors, VerifiedLog& before) {
    VerifyOptions options;
    options.trusted = {sample_key().verifier()};
    options.before = before;
    options.stored_tile = [&log](const TileId& id) -> std::optional<std::string> {
        const auto found = log.tiles.find({id.level, id.index});
        return found == log.tiles.end() ? std::nullopt : std::optional(found->second);
    };
    options.stored_proof = [&log](const ConsistencyQuery& query) {
        if (query.old_size == 0 || query.old_size == query.new_size) {
            return std::optional(std::vector<Hash>());
        }
        std::vector<Hash> leaves;
        for (const Record& row : log.rows) {
            leaves.push_back(leaf_hash(encode_leaf(row)));
        }
        leaves.resize(static_cast<std::size_t>(query.new_size));
        return std::optional(consistency_proof(leaves, query.old_size));
    };
    LogVerifier verifier(options, notes_of(log.checkpoints), anchors);
    RowExaminer examiner;
    for (auto i = static_cast<std::size_t>(before.tree.size()); i < log.rows.size(); ++i) {
        PayloadParts parts;
        if (const auto beside = log.payloads.find(log.rows[i].seq); beside != log.payloads.end()) {
            parts = {*beside->second.salt, *beside->second.payload, std::nullopt};
        }
        verifier.add(examiner.examine(log.rows[i], parts));
    }
    if (auto verified = verifier.verified()) {
        before = *std::move(verified);
    }
    verifier.compare(log.tree);
    return verifier.finish();
}

TEST_CASE("a second run reads only what the first did not", "[verified]") {
    const SampleLog all = make_log(600);
    SampleLog first = make_log(400);
    VerifiedLog before;
    CHECK(go_on(first, {{"a", first.note(400)}}, before).exit_code == 0);
    CHECK(before.tree.size() == 400);
    CHECK(before.origin == testing::kOrigin);
    const Verdict second = go_on(all, {{"a", all.note(600)}}, before);
    CHECK(second.exit_code == 0);
    CHECK(second.records_checked == 200);
    CHECK(second.verified_before == 400);
}

TEST_CASE("an anchor below what was verified agrees or differs by a proof", "[verified]") {
    const SampleLog log = make_log(600);
    VerifiedLog before;
    REQUIRE(go_on(log, {{"a", log.note(600)}}, before).exit_code == 0);
    for (const std::int64_t size : {0, 1, 255, 256, 599, 600}) {
        CAPTURE(size);
        VerifiedLog again = before;
        CHECK(go_on(log, {{"a", log.note(size)}}, again).exit_code == 0);
    }
    const std::string other = sign_checkpoint({testing::kOrigin, 300, empty_root()}, sample_key());
    CHECK(go_on(log, {{"a", log.note(600)}, {"b", other}}, before).exit_code == 1);
}

TEST_CASE("without a proof an old anchor neither agrees nor differs", "[verified]") {
    const SampleLog log = make_log(10);
    VerifyOptions options;
    options.trusted = {sample_key().verifier()};
    options.before.tree = Frontier::restore(10, log.tree->frontier).value();
    options.stored_tile = [](const TileId&) { return std::nullopt; };
    options.stored_proof = [](const ConsistencyQuery&) { return std::nullopt; };
    LogVerifier verifier(options, nullptr, {{"a", log.note(5)}});
    verifier.compare(log.tree);
    const Verdict verdict = verifier.finish();
    CHECK(verdict.exit_code == 6);
    CHECK(verdict.anchors.at(0).state == AnchorState::unchecked);
}

TEST_CASE("fault 29: a payload erased before, with its record after, is explained", "[verified]") {
    SampleLog log = make_log(10);
    log.payloads.erase(4);
    Record redaction;
    redaction.seq = 10;
    redaction.recorded_at = 2'000'000;
    redaction.kind = kPayloadRedacted;
    redaction.actor = "user:auditor";
    redaction.subject = "seq/4";
    redaction.outcome = "done";
    SampleLog whole = log;
    whole.rows.push_back(redaction);
    whole.rebuild_tree();
    whole.set_seal();

    // As a run that was interrupted after ten records leaves it.
    VerifiedLog before;
    static_cast<void>(go_on(log, {}, before));
    CHECK(before.missing == std::vector<SeqStretch>{{4, 5}});
    VerifiedLog explained = before;
    CHECK(go_on(whole, {{"a", whole.note(11)}}, explained).exit_code == 0);
    CHECK(explained.missing.empty());
    const Verdict unexplained = go_on(log, {{"a", log.note(10)}}, before);
    CHECK(unexplained.exit_code == 1);
    CHECK(unexplained.first_bad_seq == 4);
}

TEST_CASE("a log written anew does not continue what was verified, whatever its seal",
          "[verified]") {
    SampleLog first = make_log(400);
    VerifiedLog before;
    REQUIRE(go_on(first, {{"a", first.note(400)}}, before).exit_code == 0);
    SampleLog anew = make_log(600);
    anew.rows[17].body = "{}";
    anew.rebuild_tree();
    anew.set_seal();
    VerifiedLog unread = before;
    CHECK(go_on(anew, {}, unread).exit_code == 1);
    VerifiedLog nothing;
    CHECK(go_on(anew, {}, nothing).exit_code == 6);
}

TEST_CASE("nothing is remembered of a log that something speaks against", "[verified]") {
    SampleLog log = make_log(600);
    VerifiedLog before;
    const std::string other = sign_checkpoint({testing::kOrigin, 300, empty_root()}, sample_key());
    CHECK(go_on(log, {{"a", other}}, before).exit_code == 1);
    CHECK(before.tree.size() == 0);
    log.tiles[{0, 0}][0] ^= 1;
    CHECK(go_on(log, {{"a", log.note(600)}}, before).exit_code == 1);
    CHECK(before.tree.size() == 0);
}

TEST_CASE("a time before the last one verified is told", "[verified]") {
    const SampleLog log = make_log(10);
    VerifiedLog before;
    SampleLog first = make_log(5);
    REQUIRE(go_on(first, {{"a", first.note(5)}}, before).exit_code == 0);
    before.last_recorded_at = 9'000'000;
    const Verdict verdict = go_on(log, {{"a", log.note(10)}}, before);
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.first_bad_seq == 5);
}

}  // namespace
}  // namespace dcm::audit
