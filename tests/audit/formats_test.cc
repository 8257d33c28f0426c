// The examples in docs/formats are read from there: what the pages say is what the code does.

#include "audit/log_keys.h"
#include "audit/note.h"
#include "audit/proof.h"
#include "audit/proof_text.h"
#include "audit/record.h"
#include "audit/record_json.h"
#include "audit/seal.h"
#include "audit/signer.h"
#include "audit/tile_files.h"
#include "audit/tree.h"
#include "audit/verified_log.h"
#include "audit/witness.h"
#include "base/encoding.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace dcm::audit {
namespace {

// The fenced block whose info string is `info`, with its last line feed.
std::string example(const std::string& page, const std::string& info) {
    const std::string path = std::string(DCM_SOURCE_DIR) + "/docs/formats/" + page;
    std::ifstream file(path);
    if (!file) {
        FAIL("expected the page " << path << ", there is no such file");
    }
    std::stringstream text;
    text << file.rdbuf();
    const std::string fence = "\n```" + info + "\n";
    const std::size_t start = text.str().find(fence);
    if (start == std::string::npos) {
        FAIL("expected an example `" << info << "` in " << path);
    }
    const std::size_t body = start + fence.size();
    return text.str().substr(body, text.str().find("\n```", body) + 1 - body);
}

std::string line_of(const std::string& page, const std::string& info) {
    const std::string text = example(page, info);
    return text.substr(0, text.size() - 1);
}

std::optional<std::string> optional_text(const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

std::vector<Hash> letter_leaves() {
    return {leaf_hash("a"), leaf_hash("b"), leaf_hash("c")};
}

TEST_CASE("the example of verified.md reads back", "[formats]") {
    const std::string text = example("verified.md", "text verified");
    const auto verified = parse_verified_log(text);
    REQUIRE(verified.ok());
    CHECK(verified.value().tree.root() == tree_root(letter_leaves()));
    CHECK(verified.value().missing == std::vector<SeqStretch>{{1, 2}});
    CHECK(format_verified_log(verified.value()) == text);
}

TEST_CASE("the example of witness.md is a request that a witness accepts", "[formats]") {
    const std::string body = example("witness.md", "text add-checkpoint");
    const auto request = parse_add_checkpoint(body);
    REQUIRE(request.ok());
    CHECK(format_add_checkpoint(request.value()) == body);
    const auto key = VerifierKey::parse(line_of("checkpoint.md", "text verifier-key")).value();
    WitnessedLogs logs({key});
    logs.remember({key.name(), 1, leaf_hash("a")});
    CHECK(logs.decide(request.value()).status == WitnessStatus::cosigned);
}

TEST_CASE("the example of record.md is encoded and hashed as the page says", "[formats]") {
    const nlohmann::json json = nlohmann::json::parse(example("record.md", "json record"));
    Record record;
    record.seq = json["seq"].get<std::int64_t>();
    record.recorded_at = json["recorded_at"].get<std::int64_t>();
    record.kind = json["kind"].get<std::string>();
    record.actor = json["actor"].get<std::string>();
    record.subject = json["subject"].get<std::string>();
    record.tenant = optional_text(json["tenant"]);
    record.ce_source = optional_text(json["ce_source"]);
    record.ce_id = optional_text(json["ce_id"]);
    record.broker_pos = optional_text(json["broker_pos"]);
    record.outcome = json["outcome"].get<std::string>();
    record.reason = optional_text(json["reason"]);
    record.body = optional_text(json["body"]);
    record.payload_commit = optional_text(json["payload_commit"]);
    record.payload_len = json["payload_len"].get<std::int64_t>();
    CHECK(encode_leaf(record) == example("record.md", "text leaf-data"));
    CHECK(to_hex(leaf_hash(encode_leaf(record))) == line_of("record.md", "text leaf-hash"));
    const std::string salt = hex_decode(line_of("record.md", "text salt")).value();
    CHECK(payload_commitment({salt, "{}"}) == record.payload_commit);
}

TEST_CASE("the examples of tree.md are the tree's hashes", "[formats]") {
    std::string leaves;
    Frontier tree;
    for (const Hash& leaf : letter_leaves()) {
        leaves += to_hex(leaf) + "\n";
        tree.append(leaf);
    }
    CHECK(leaves == example("tree.md", "text leaf-hashes"));
    const std::string frontier = hex_encode(as_bytes(tree.hashes()));
    CHECK(frontier.substr(0, 64) + "\n" + frontier.substr(64) + "\n" ==
          example("tree.md", "text frontier"));
    CHECK(to_hex(tree.root()) == line_of("tree.md", "text root"));

    TileBuilder builder;
    std::vector<Tile> tiles;
    for (int i = 0; i < 256; ++i) {
        builder.append(leaf_hash(std::string(1, static_cast<char>(i))), tiles);
    }
    REQUIRE(tiles.size() == 1);
    CHECK(tiles[0].hashes.size() == 8192);
    CHECK(to_hex(tile_root(tiles[0].hashes)) == line_of("tree.md", "text tile-root"));
}

TEST_CASE("the proofs of proof.md are those of the tree, and are read", "[formats]") {
    const std::string consistency = example("proof.md", "text consistency");
    CHECK(format_hashes(consistency_proof(letter_leaves(), 2)) == consistency);
    const auto hashes = parse_hashes(consistency);
    REQUIRE(hashes.ok());
    CHECK(hashes.value() == consistency_proof(letter_leaves(), 2));
    const auto read = parse_tlog_proof(example("proof.md", "text tlog-proof"));
    REQUIRE(read.ok());
    CHECK(read.value().index == 1);
    CHECK(read.value().note == example("checkpoint.md", "text note"));
    CHECK(
        verify_inclusion({leaf_hash("b"), 1, 3, tree_root(letter_leaves())}, read.value().hashes));
    CHECK(format_tlog_proof({.index = 1,
                             .hashes = inclusion_proof(letter_leaves(), 1),
                             .note = example("checkpoint.md", "text note")}) ==
          example("proof.md", "text tlog-proof"));
}

TEST_CASE("the files of tiles.md are those of its leaves", "[formats]") {
    CHECK(tile_path({"0", 1'234'067}) == line_of("tiles.md", "text path"));
    std::string names;
    std::string tile;
    std::string entries;
    TileFiles files([&](const std::string& path, std::string_view content) {
        names += path + "\n";
        (path.starts_with("tile/0/") ? tile : entries) = hex_encode(as_bytes(content));
    });
    for (const std::string_view leaf : {"a", "b", "c"}) {
        files.append(leaf);
    }
    files.finish();
    CHECK(files.tree().root() == tree_root(letter_leaves()));
    std::string expected = example("tiles.md", "text files");
    CHECK(names.size() == expected.size());
    CHECK(expected.find("tile/0/000.p/3\n") != std::string::npos);
    CHECK(names.find("tile/entries/000.p/3\n") != std::string::npos);
    expected = example("tiles.md", "text tile");
    expected.erase(std::remove(expected.begin(), expected.end(), '\n'), expected.end());
    CHECK(tile == expected);
    CHECK(entries == line_of("tiles.md", "text entries"));
}

TEST_CASE("the line of export.md is the record of record.md", "[formats]") {
    const auto record = parse_record_json(line_of("export.md", "json line"));
    REQUIRE(record.ok());
    CHECK(record_json(record.value()) == line_of("export.md", "json line"));
    CHECK(encode_leaf(record.value()) == example("record.md", "text leaf-data"));
    const auto same = parse_record_json(example("record.md", "json record"));
    REQUIRE(same.ok());
    CHECK(same.value() == record.value());
}

TEST_CASE("the note of checkpoint.md opens with the key beside it", "[formats]") {
    const std::string key_text = line_of("checkpoint.md", "text verifier-key");
    const Result<VerifierKey> key = VerifierKey::parse(key_text);
    REQUIRE(key.ok());
    CHECK(key.value().text() == key_text);
    const OpenedNote opened = open_checkpoint(example("checkpoint.md", "text note"), key.value());
    REQUIRE(std::holds_alternative<Checkpoint>(opened.state));
    CHECK(std::get<Checkpoint>(opened.state) ==
          Checkpoint{key.value().name(), 3, tree_root(letter_leaves())});
}

TEST_CASE("the signer's state of checkpoint.md is read and written again", "[formats]") {
    const std::string text = example("checkpoint.md", "text signer-state");
    const Result<SignerState> state = parse_signer_state(text);
    REQUIRE(state.ok());
    CHECK(format_signer_state(state.value()) == text);
    CHECK(state.value().tree.root() == tree_root(letter_leaves()));
    CHECK(state.value().note == example("checkpoint.md", "text note"));
}

TEST_CASE("the seal of seal.md fits the tree, by the key of checkpoint.md", "[formats]") {
    const Result<VerifierKey> key =
        VerifierKey::parse(line_of("checkpoint.md", "text verifier-key"));
    REQUIRE(key.ok());
    Frontier tree;
    for (const Hash& leaf : letter_leaves()) {
        tree.append(leaf);
    }
    const std::string signature = hex_decode(line_of("seal.md", "text seal-signature")).value();
    CHECK(key.value().verifies(example("seal.md", "text seal-text"), signature));
    const Seal seal{1, 3, std::string(hash_bytes(tree.root())), signature};
    CHECK(judge_seal(seal, tree, key.value()) == SealState::fits);
}

TEST_CASE("the changes of keys.md are read and written again", "[formats]") {
    for (const auto& [info, kind] :
         {std::pair("json key-change", kKeyRotated), std::pair("json fork", kLogForked)}) {
        Record record;
        record.kind = kind;
        record.body = line_of("keys.md", info);
        const Result<KeyChange> change = parse_key_change(record);
        REQUIRE(change.ok());
        Record again;
        fill_key_change(change.value(), again);
        CHECK(again.body == record.body);
        CHECK(again.kind == kind);
        CHECK(change.value().new_key.text() == line_of("checkpoint.md", "text verifier-key"));
    }
}

}  // namespace
}  // namespace dcm::audit
