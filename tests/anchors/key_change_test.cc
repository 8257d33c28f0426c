#include "anchors/key_change.h"

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
using audit::KeyChange;
using store::test::Fixture;
using store::test::query_text;
using store::test::record;

// A log with its key and one anchor, as the commands find it: each step is a process of its own.
struct ChangingLog {
    Fixture fixture;
    SignerSetup setup{fixture.url,
                      "test",
                      {beside(fixture.url.path, ".key"), beside(fixture.url.path, ".signer")}};
    fs::path anchor = beside(fixture.url.path, ".anchors");

    ChangingLog() { create_secret_file(setup.places.key, fixture.key.secret_text()); }

    AnchorSet anchors() {
        std::vector<std::unique_ptr<Anchor>> places;
        places.push_back(std::make_unique<FileAnchor>(anchor));
        return {std::move(places), /*quorum=*/1, fixture.clock};
    }
    // Opens the log, records one event and signs it.
    void write(const std::string& id) {
        store::Database database = store::Database::open_for_writing(setup.url);
        AnchorSet places = anchors();
        const LogKey key = open_log(database, setup, places);
        store::IngestStore store(
            database, fixture.lifecycle, key.signing, fixture.clock, store::test::options_for());
        REQUIRE(record(store, {store::test::message_of({.id = id})}).accepted == 1);
        Signer(database, setup, key, places, fixture.clock).sign();
    }
    KeyChange begin_rotation() {
        store::Database database = store::Database::open_for_writing(setup.url);
        AnchorSet places = anchors();
        return anchors::begin_rotation(database, setup, places, fixture.clock, "user:anna");
    }
    std::optional<KeyChange> begin_fork() {
        store::Database database = store::Database::open_for_writing(setup.url);
        AnchorSet places = anchors();
        return anchors::begin_fork(
            database, setup, places, fixture.clock, {"user:anna", "disk lost"});
    }
    [[nodiscard]] std::optional<KeyChange> unfinished() const {
        store::Database database = store::Database::open_for_writing(setup.url);
        return unfinished_change(database, setup);
    }
    void finish(const KeyChange& change) {
        store::Database database = store::Database::open_for_writing(setup.url);
        AnchorSet places = anchors();
        finish_change(database, setup, change, places, fixture.clock);
    }
    [[nodiscard]] std::string newest_note() const {
        store::Database database = store::Database::open_for_reading(setup.url);
        return store::LogReader(database).newest_checkpoint()->note;
    }
    // In the place of the database, as who restores a backup does it.
    void restore(const fs::path& copy) {
        setup.url = {beside(setup.url.path, ".restored")};
        fs::copy_file(copy, setup.url.path);
    }
    [[nodiscard]] fs::path backup() const {
        fs::path copy = fixture.directory.path() / "copy.db";
        REQUIRE(store::test::run_sql(setup.url, "VACUUM INTO '" + copy.string() + "'").empty());
        return copy;
    }
};

bool is_signed(const std::string& note, const audit::VerifierKey& key) {
    return std::holds_alternative<audit::Checkpoint>(audit::open_checkpoint(note, key).state);
}

TEST_CASE("fault 21: a log goes on under a new key, for which the old one vouches",
          "[key_change]") {
    ChangingLog log;
    log.write("1");
    const KeyChange change = log.begin_rotation();
    CHECK(change.seq == 1);
    log.finish(change);
    const audit::VerifierKey& old_key = log.fixture.key.verifier();
    CHECK(load_key(log.setup.places.key).verifier().text() == change.new_key.text());
    CHECK(change.old_key.text() == old_key.text());
    CHECK(is_signed(log.newest_note(), old_key));
    CHECK(is_signed(log.newest_note(), change.new_key));
    CHECK_FALSE(fs::exists(beside(log.setup.places.key, ".next")));
    CHECK((fs::status(log.setup.places.key).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    log.write("2");
    CHECK_FALSE(is_signed(log.newest_note(), old_key));
    CHECK(is_signed(log.newest_note(), change.new_key));
    CHECK(query_text(log.setup.url, "SELECT kind FROM audit_log WHERE seq = 1") == "key.rotated");
    const KeyChange second = log.begin_rotation();
    log.finish(second);
    log.write("3");
}

TEST_CASE("fault 21: the retired key writes nothing any more", "[key_change]") {
    ChangingLog log;
    log.write("1");
    const std::string old_key = read_file(log.setup.places.key).value();
    log.finish(log.begin_rotation());
    replace_file(log.setup.places.key, old_key);
    fs::permissions(log.setup.places.key, fs::perms::owner_read | fs::perms::owner_write);
    CHECK_THROWS_WITH(log.write("2"), Catch::Contains("record 1 replaced"));
    CHECK_THROWS_AS(log.fixture.append({{.id = "2"}}), Failure);
}

TEST_CASE("fault 38: a change of keys that was interrupted is finished by who repeats it",
          "[key_change]") {
    ChangingLog log;
    log.write("1");
    SECTION("before it was recorded") {
        create_key(beside(log.setup.places.key, ".next"), log.fixture.key.verifier().name());
        log.write("2");
        CHECK_FALSE(log.unfinished());
        CHECK_FALSE(fs::exists(beside(log.setup.places.key, ".next")));
        log.finish(log.begin_rotation());
    }
    SECTION("before it was signed") {
        const KeyChange change = log.begin_rotation();
        CHECK_THROWS_WITH(log.write("2"), Catch::Contains("run `audit key rotate` again"));
        const auto found = log.unfinished();
        REQUIRE(found);
        CHECK(found->new_key.text() == change.new_key.text());
        log.finish(*found);
    }
    SECTION("while the anchor could not be written") {
        const KeyChange change = log.begin_rotation();
        fs::rename(log.anchor, log.anchor.string() + ".away");
        fs::create_directory(log.anchor);
        CHECK_THROWS_AS(log.finish(change), Failure);
        fs::remove(log.anchor);
        fs::rename(log.anchor.string() + ".away", log.anchor);
        REQUIRE(log.unfinished());
        log.finish(*log.unfinished());
    }
    CHECK_FALSE(log.unfinished());
    log.write("3");
}

TEST_CASE("fault 23: a log goes on from an older copy under another name", "[key_change]") {
    ChangingLog log;
    log.write("1");
    const fs::path copy = log.backup();
    log.write("2");
    log.write("3");
    const std::string log_id = query_text(log.setup.url, "SELECT log_id FROM log_identity");
    log.restore(copy);
    CHECK_THROWS_WITH(log.write("4"), Catch::Contains("audit fork"));
    const auto change = log.begin_fork();
    REQUIRE(change);
    CHECK(change->seq == 1);
    CHECK(change->lost_size == 3);
    CHECK_THROWS_WITH(log.write("4"), Catch::Contains("run `audit fork` again"));
    const auto found = log.unfinished();
    REQUIRE(found);
    log.finish(*found);
    CHECK(query_text(log.setup.url, "SELECT log_id FROM log_identity") != log_id);
    CHECK(load_key(log.setup.places.key).verifier().name() == change->new_key.name());
    CHECK(is_signed(log.newest_note(), log.fixture.key.verifier()));
    CHECK(is_signed(log.newest_note(), change->new_key));
    log.write("4");
    log.finish(log.begin_rotation());
    log.write("5");
}

TEST_CASE("only an older copy is forked from", "[key_change]") {
    ChangingLog log;
    log.write("1");
    CHECK_FALSE(log.begin_fork());
    const fs::path copy = log.backup();
    log.write("2");
    REQUIRE(store::test::run_sql({copy}, "UPDATE audit_head SET edge = zeroblob(32)").empty());
    log.restore(copy);
    CHECK_THROWS_AS(log.begin_fork(), Failure);
    CHECK(query_text(log.setup.url, "SELECT count(*) FROM audit_log") == "1");
}

}  // namespace
}  // namespace dcm::anchors
