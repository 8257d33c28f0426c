#include "store/merkle_reader.h"

#include "audit/tree.h"
#include "store/log_append.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>

namespace dcm::store {
namespace {

using audit::Hash;

// Records without a message: the tree does not care.
void append_records(Database& database, const test::Fixture& fixture, int count) {
    LogAppend append(database, fixture.key, fixture.clock, {"user:anna", "append"});
    audit::Record record;
    record.kind = "config.changed";
    record.outcome = "done";
    for (int i = 0; i < count; ++i) {
        record.subject = std::to_string(i);
        append.record(record);
    }
    append.commit();
}

std::vector<Hash> leaves_of(const LogReader& snapshot) {
    std::vector<Hash> leaves;
    snapshot.each_leaf(0, snapshot.head().size, [&leaves](const audit::Record& record) {
        leaves.push_back(audit::leaf_hash(audit::encode_leaf(record)));
    });
    return leaves;
}

// At the edges of tiles and beside them, and where a tree of an earlier size ended.
void check_proofs(const LogReader& snapshot) {
    MerkleReader tree(snapshot);
    const std::vector<Hash> leaves = leaves_of(snapshot);
    const auto size = static_cast<std::int64_t>(leaves.size());
    REQUIRE(tree.size() == size);
    for (const std::int64_t part : {std::int64_t{1}, size / 3, size / 2, size - 1, size}) {
        if (part < 1) {
            continue;
        }
        CAPTURE(part, size);
        const std::vector<Hash> old(leaves.begin(), leaves.begin() + part);
        CHECK(tree.root(part) == audit::tree_root(old));
        CHECK(tree.proof(audit::consistency_ranges({part, size})) ==
              audit::consistency_proof(leaves, part));
        for (const std::int64_t index : {std::int64_t{0}, part / 2, part - 1}) {
            CHECK(tree.proof(audit::inclusion_ranges({index, part})) ==
                  audit::inclusion_proof(old, index));
        }
    }
}

TEST_CASE("proofs from tiles are those of the leaves, at every kind of edge", "[merkle]") {
    test::Fixture fixture;
    Database database = Database::open_for_writing(fixture.url);
    Database reader = Database::open_for_reading(fixture.url);
    // 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000
    for (const int more : {1, 1, 1, 252, 1, 1, 254, 1, 1, 487}) {
        append_records(database, fixture, more);
        const LogReader snapshot(reader);
        check_proofs(snapshot);
    }
}

TEST_CASE("proofs reach over full tiles of the second level", "[merkle]") {
    test::Fixture fixture;
    Database database = Database::open_for_writing(fixture.url);
    append_records(database, fixture, 65'536 + 300);
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    check_proofs(snapshot);
}

TEST_CASE("the empty log has the root of nothing", "[merkle]") {
    test::Fixture fixture;
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    MerkleReader tree(snapshot);
    CHECK(tree.size() == 0);
    CHECK(tree.root(0) == audit::empty_root());
}

TEST_CASE("a tile that is missing or cut short is told, and so is an edge", "[merkle]") {
    test::Fixture fixture;
    {
        Database database = Database::open_for_writing(fixture.url);
        append_records(database, fixture, 300);
    }
    const std::string change = GENERATE("DELETE FROM audit_tile",
                                        "UPDATE audit_tile SET hashes = substr(hashes, 2)",
                                        "UPDATE audit_head SET edge = x'00'");
    CAPTURE(change);
    REQUIRE(test::run_sql(fixture.url, change).empty());
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    MerkleReader tree(snapshot);
    CHECK_THROWS_AS(tree.root(300), Failure);
}

}  // namespace
}  // namespace dcm::store
