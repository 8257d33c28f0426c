#include "audit/witness.h"

#include "sample_log.h"

#include <catch2/catch.hpp>

#include <variant>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::sample_key;
using testing::SampleLog;

std::vector<Hash> leaves_of(const SampleLog& log, std::int64_t size) {
    std::vector<Hash> leaves;
    for (const Record& row : log.rows) {
        leaves.push_back(leaf_hash(encode_leaf(row)));
    }
    leaves.resize(static_cast<std::size_t>(size));
    return leaves;
}

// The request of a log that was cosigned at `old_size`.
AddCheckpoint request_for(const SampleLog& log, std::int64_t old_size, std::int64_t size) {
    AddCheckpoint request{old_size, {}, log.note(size)};
    if (old_size > 0 && old_size < size) {
        request.proof = consistency_proof(leaves_of(log, size), old_size);
    }
    return request;
}

WitnessedLogs witness_of(const SampleLog& log, std::int64_t size) {
    WitnessedLogs logs({sample_key().verifier()});
    if (size > 0) {
        const WitnessDecision decision = logs.decide(request_for(log, 0, size));
        REQUIRE(decision.status == WitnessStatus::cosigned);
        logs.remember(decision.checkpoint);
    }
    return logs;
}

TEST_CASE("a request reads back as it was written", "[witness]") {
    const SampleLog log = make_log(10);
    for (const std::int64_t old_size : {0, 1, 7, 10}) {
        const AddCheckpoint request = request_for(log, old_size, 10);
        const auto read = parse_add_checkpoint(format_add_checkpoint(request));
        REQUIRE(read.ok());
        CHECK(read.value() == request);
    }
}

TEST_CASE("a malformed request is refused", "[witness]") {
    const std::string hash(44, 'A');
    std::string many = "old 1\n";
    for (std::size_t i = 0; i <= kAddCheckpointHashesMax; ++i) {
        many += std::string(43, 'A') + "=\n";
    }
    for (const std::string& body : {std::string(),
                                    std::string("old 1"),
                                    std::string("old 1\n"),
                                    std::string("old 01\n\nnote"),
                                    std::string("old -1\n\nnote"),
                                    std::string("old +1\n\nnote"),
                                    std::string("old 9223372036854775808\n\nnote"),
                                    std::string("old  1\n\nnote"),
                                    std::string("Old 1\n\nnote"),
                                    std::string("old 1\r\n\nnote"),
                                    "old 1\n" + hash + "\n\nnote",
                                    std::string("old 1\nAAAA\n\nnote"),
                                    many + "\nnote",
                                    "old 1\n\n" + std::string(kAddCheckpointBytesMax, 'x')}) {
        CAPTURE(body.substr(0, 40));
        CHECK_FALSE(parse_add_checkpoint(body).ok());
    }
}

TEST_CASE("a log that continues is cosigned, whatever its sizes", "[witness]") {
    const SampleLog log = make_log(300);
    for (const std::int64_t old_size : {0, 1, 2, 255, 256, 257, 300}) {
        WitnessedLogs logs = witness_of(log, old_size);
        const WitnessDecision decision = logs.decide(request_for(log, old_size, 300));
        CHECK(decision.status == WitnessStatus::cosigned);
        CHECK(decision.checkpoint.size == 300);
        logs.remember(decision.checkpoint);
        CHECK(logs.decide(request_for(log, 300, 300)).status == WitnessStatus::cosigned);
    }
}

TEST_CASE("fault 96: what a witness does not cosign, and what it says then", "[witness]") {
    const SampleLog log = make_log(20);
    const WitnessedLogs logs = witness_of(log, 10);
    SampleLog other = make_log(20);
    other.rows[3].body = "{}";
    other.rebuild_tree();

    AddCheckpoint wrong_proof = request_for(log, 10, 20);
    wrong_proof.proof[0][0] ^= 1;
    AddCheckpoint no_proof = request_for(log, 10, 20);
    no_proof.proof.clear();
    AddCheckpoint too_long = request_for(log, 10, 20);
    too_long.proof.push_back({});
    AddCheckpoint foreign_key = request_for(log, 10, 20);
    foreign_key.note = log.note(20, sample_key('x'));
    AddCheckpoint unknown = request_for(log, 10, 20);
    unknown.note =
        sign_checkpoint({"other/audit/1", 20, empty_root()}, sample_key('k', "other/audit/1"));
    AddCheckpoint beyond = request_for(log, 10, 10);
    beyond.old_size = 11;
    AddCheckpoint spoilt = request_for(log, 10, 20);
    spoilt.note.pop_back();

    const std::vector<std::pair<AddCheckpoint, WitnessStatus>> cases{
        {request_for(log, 9, 20), WitnessStatus::conflict},     // an older size
        {request_for(log, 0, 5), WitnessStatus::conflict},      // rolled back
        {request_for(log, 11, 20), WitnessStatus::conflict},    // a size that nobody cosigned
        {request_for(other, 10, 10), WitnessStatus::conflict},  // another root of that size
        {request_for(other, 10, 20), WitnessStatus::bad_proof},
        {wrong_proof, WitnessStatus::bad_proof},
        {no_proof, WitnessStatus::bad_proof},
        {too_long, WitnessStatus::bad_proof},
        {foreign_key, WitnessStatus::not_signed},
        {unknown, WitnessStatus::unknown_log},
        {beyond, WitnessStatus::malformed},
        {spoilt, WitnessStatus::malformed}};
    for (const auto& [request, status] : cases) {
        CAPTURE(static_cast<int>(status), request.old_size);
        const WitnessDecision decision = logs.decide(request);
        CHECK(decision.status == status);
        CHECK_FALSE(decision.why.empty());
        if (status == WitnessStatus::conflict) {
            CHECK(decision.size == 10);
        }
    }
}

TEST_CASE("a witness knows a log by any of its keys", "[witness]") {
    const SampleLog log = make_log(5);
    const WitnessedLogs logs({sample_key('o').verifier(), sample_key().verifier()});
    CHECK(logs.decide(request_for(log, 0, 5)).status == WitnessStatus::cosigned);
}

TEST_CASE("a witness's state reads back, and no changed byte of it", "[witness]") {
    const SampleLog log = make_log(5);
    WitnessedLogs logs = witness_of(log, 5);
    logs.remember({"another/audit/log", 7, empty_root()});
    WitnessedLogs again({sample_key().verifier()});
    CHECK_FALSE(again.restore(logs.state()));
    CHECK(again.state() == logs.state());
    CHECK(again.decide(request_for(log, 0, 5)).status == WitnessStatus::conflict);
    CHECK_FALSE(WitnessedLogs({}).restore(WitnessedLogs({}).state()));
    for (std::size_t at = 0; at < logs.state().size(); ++at) {
        std::string changed = logs.state();
        changed[at] ^= 1;
        CHECK(again.restore(changed));
        CHECK(again.restore(logs.state().substr(0, at)));
    }
    CHECK(again.state() == logs.state());
}

TEST_CASE("a cosignature is of its text, its time and its key", "[witness]") {
    const SampleLog log = make_log(5);
    const SigningKey witness = sample_key('w', "example.com/w1");
    const VerifierKey key = witness.cosigner();
    const Checkpoint checkpoint = stated_checkpoint(log.note(5)).value();
    const std::string note = log.note(5) + cosign_checkpoint(checkpoint, {1'679'315'147}, witness);
    CHECK(std::holds_alternative<Checkpoint>(open_checkpoint(note, key).state));
    CHECK(std::holds_alternative<Checkpoint>(open_checkpoint(note, sample_key().verifier()).state));
    // Not as the plain signature of the same key, nor one as the other.
    CHECK(std::holds_alternative<NoteProblem>(open_checkpoint(note, witness.verifier()).state));
    CHECK(std::holds_alternative<NoteProblem>(open_checkpoint(log.note(5), key).state));
    const VerifierKey other = sample_key('v', "example.com/w1").cosigner();
    CHECK(std::holds_alternative<NoteProblem>(open_checkpoint(note, other).state));
    const std::string moved = log.note(4) + cosign_checkpoint(checkpoint, {1'679'315'147}, witness);
    CHECK(std::holds_alternative<NoteProblem>(open_checkpoint(moved, key).state));
    const std::string negative = log.note(5) + cosign_checkpoint(checkpoint, {-1}, witness);
    CHECK(std::holds_alternative<NoteProblem>(open_checkpoint(negative, key).state));
    CHECK(VerifierKey::parse(key.text()).value().algorithm() == KeyAlgorithm::cosignature);
    CHECK(VerifierKey::parse(witness.verifier().text()).value().algorithm() == KeyAlgorithm::note);
}

TEST_CASE("an anchor that tells of more records than there are shows a rollback", "[witness]") {
    const SampleLog log = make_log(10);
    const std::string note = log.note(10);
    CHECK(testing::verify(log, {{"w", note, 10}}).exit_code == 0);
    const Verdict verdict = testing::verify(log, {{"w", note, 11}});
    CHECK(verdict.exit_code == 5);
    CHECK(verdict.anchors.at(0).state == AnchorState::ahead);
    CHECK(testing::verify(log, {{"a", note}, {"w", std::nullopt, 11}}).exit_code == 5);
}

}  // namespace
}  // namespace dcm::audit
