#include "anchors/log_opening.h"

#include "anchors/anchor_file.h"
#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "anchors/signer.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;
using store::test::Fixture;
using store::test::query_text;
using store::test::run_sql;

SignerSetup setup_of(const Fixture& fixture, const std::string& deployment = "test") {
    return {fixture.url,
            deployment,
            {beside(fixture.url.path, ".key"), beside(fixture.url.path, ".signer")}};
}

void keep_key(const Fixture& fixture) {
    create_secret_file(setup_of(fixture).places.key, fixture.key.secret_text());
}

// Signs what is there, without anchors.
void sign(Fixture& fixture) {
    AnchorSet anchors({}, /*quorum=*/0, fixture.clock);
    const LogKey key{fixture.key, fixture.key.verifier(), std::nullopt};
    Signer(fixture.database, setup_of(fixture), key, anchors, fixture.clock).sign();
}

// As a database looks that a version without seals wrote, brought up to date.
void take_seal_away(const Fixture& fixture) {
    REQUIRE(run_sql(fixture.url,
                    "UPDATE audit_seal SET first = h.size, size = h.size, root = X'',"
                    " signature = X'' FROM audit_head AS h")
                .empty());
}

// As such a version left its state, with the records signed so far.
void keep_state_before_seals(Fixture& fixture) {
    audit::SignerState state;
    state.tree = head_of(store::LogReader(fixture.database));
    state.seals = false;
    replace_file(setup_of(fixture).places.state, audit::format_signer_state(state));
}

audit::SigningKey open(Fixture& fixture, const std::string& deployment = "test") {
    AnchorSet anchors({}, /*quorum=*/0, fixture.clock);
    return open_log(fixture.database, setup_of(fixture, deployment), anchors).signing;
}

audit::SealState seal_state(Fixture& fixture) {
    const store::LogReader snapshot(fixture.database);
    return audit::judge_seal(snapshot.seal(), head_of(snapshot), fixture.key.verifier());
}

TEST_CASE("a log without a key gets one, named by it", "[log_opening]") {
    Fixture fixture;
    const audit::SigningKey key = open(fixture);
    CHECK(key.verifier().name() ==
          "test/audit/" + query_text(fixture.url, "SELECT log_id FROM log_identity"));
    CHECK(load_key(setup_of(fixture).places.key).verifier().text() == key.verifier().text());
    CHECK(open(fixture).verifier().text() == key.verifier().text());
}

TEST_CASE("fault 97: a key is made once, and never where something is already", "[log_opening]") {
    Fixture fixture;
    const SignerSetup setup = setup_of(fixture);
    create_log_key(fixture.database, setup);
    CHECK((fs::status(setup.places.key).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    const auto content = read_file(setup.places.key);
    CHECK_THROWS_WITH(create_log_key(fixture.database, setup),
                      Catch::Contains("never overwritten"));
    CHECK(read_file(setup.places.key) == content);
    fs::rename(setup.places.key, setup.places.key.string() + ".away");
    fs::create_symlink(setup.places.key.string() + ".nowhere", setup.places.key);
    CHECK_THROWS_WITH(create_log_key(fixture.database, setup),
                      Catch::Contains("never overwritten"));
    CHECK_FALSE(fs::exists(setup.places.key.string() + ".nowhere"));
}

TEST_CASE("a lost key is not replaced by another one", "[log_opening]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    sign(fixture);
    const SignerSetup setup = setup_of(fixture);
    CHECK_THROWS_WITH(open(fixture), Catch::Contains("restore it"));
    CHECK_THROWS_WITH(create_log_key(fixture.database, setup), Catch::Contains("restore it"));
    CHECK_FALSE(fs::exists(setup.places.key));
}

TEST_CASE("a log keeps the name it was first signed under", "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    CHECK_THROWS_WITH(open(fixture, "other"), Catch::Contains("audit.deployment cannot change"));
}

TEST_CASE("what an older version left unsigned is sealed once", "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    fixture.append({{.id = "1"}});
    sign(fixture);
    keep_state_before_seals(fixture);
    fixture.append({{.id = "2"}});
    take_seal_away(fixture);
    REQUIRE(seal_state(fixture) == audit::SealState::unsealed);
    static_cast<void>(open(fixture));
    CHECK(seal_state(fixture) == audit::SealState::fits);
    // From here on the state says so, whether or not there was anything to sign.
    sign(fixture);
    CHECK(
        audit::parse_signer_state(read_file(setup_of(fixture).places.state).value()).value().seals);
}

TEST_CASE("a log that was signed to its end is sealed without its state", "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    fixture.append({{.id = "1"}});
    sign(fixture);
    fs::remove(setup_of(fixture).places.state);
    take_seal_away(fixture);
    static_cast<void>(open(fixture));
    CHECK(seal_state(fixture) == audit::SealState::fits);
}

TEST_CASE("fault 8: records behind what was signed are not sealed because the seal is gone",
          "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    fixture.append({{.id = "1"}});
    sign(fixture);
    fixture.append({{.id = "2"}});
    take_seal_away(fixture);
    SECTION("with the state as it is") {}
    SECTION("with the state removed") {
        fs::remove(setup_of(fixture).places.state);
    }
    CHECK_THROWS_WITH(open(fixture), Catch::Contains("its seal was taken away"));
    CHECK(seal_state(fixture) == audit::SealState::unsealed);
}

TEST_CASE("fault 8: an old state put back does not get records sealed that anchors do not know",
          "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    fixture.append({{.id = "1"}});
    keep_state_before_seals(fixture);
    const std::string old_state = read_file(setup_of(fixture).places.state).value();
    fixture.append({{.id = "2"}});
    const fs::path file = beside(fixture.url.path, ".anchors");
    std::vector<std::unique_ptr<Anchor>> places;
    places.push_back(std::make_unique<FileAnchor>(file));
    AnchorSet anchors(std::move(places), /*quorum=*/1, fixture.clock);
    const LogKey key{fixture.key, fixture.key.verifier(), std::nullopt};
    Signer(fixture.database, setup_of(fixture), key, anchors, fixture.clock).sign();
    fixture.append({{.id = "3"}});
    take_seal_away(fixture);
    replace_file(setup_of(fixture).places.state, old_state);
    CHECK_THROWS_WITH(open_log(fixture.database, setup_of(fixture), anchors),
                      Catch::Contains("its seal was taken away"));
}

TEST_CASE("what is not the log that was signed is not sealed", "[log_opening]") {
    Fixture fixture;
    keep_key(fixture);
    fixture.append({{.id = "1"}, {.id = "2"}});
    keep_state_before_seals(fixture);
    take_seal_away(fixture);
    REQUIRE(
        run_sql(fixture.url, "UPDATE audit_head SET size = 1, frontier = zeroblob(32)").empty());
    CHECK_THROWS_AS(open(fixture), Failure);
}

}  // namespace
}  // namespace dcm::anchors
