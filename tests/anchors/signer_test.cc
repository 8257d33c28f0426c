#include "anchors/signer.h"

#include "anchors/anchor_file.h"
#include "anchors/file_io.h"
#include "store/log_seal.h"
#include "tests/store/store_fixture.h"
#include "tests/support/refused_call.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;
using store::test::Fixture;
using store::test::run_sql;

// A signer with one anchor file.
class SigningProcess {
public:
    explicit SigningProcess(Fixture& fixture)
        : SigningProcess(fixture, beside(fixture.url.path, ".anchors")) {}
    SigningProcess(Fixture& fixture, const fs::path& anchor)
        : anchors_(file_anchor(anchor), /*quorum=*/1, fixture.clock),
          key_{fixture.key, fixture.key.verifier(), std::nullopt},
          signer_(fixture.database,
                  {fixture.url, "test", {"", beside(fixture.url.path, ".signer")}},
                  key_,
                  anchors_,
                  fixture.clock) {}

    [[nodiscard]] Signer& signer() { return signer_; }
    void sign() { signer_.sign(); }

private:
    static std::vector<std::unique_ptr<Anchor>> file_anchor(const fs::path& path) {
        std::vector<std::unique_ptr<Anchor>> anchors;
        anchors.push_back(std::make_unique<FileAnchor>(path));
        return anchors;
    }

    AnchorSet anchors_;
    LogKey key_;
    Signer signer_;
};

std::size_t anchored_notes(const Fixture& fixture) {
    const auto text = read_file(beside(fixture.url.path, ".anchors"));
    return text ? value_or_throw(audit::split_notes(*text)).size() : 0;
}

audit::Checkpoint newest_checkpoint(Fixture& fixture) {
    const auto newest = store::LogReader(fixture.database).newest_checkpoint();
    REQUIRE(newest);
    const audit::OpenedNote opened = audit::open_checkpoint(newest->note, fixture.key.verifier());
    REQUIRE(std::holds_alternative<audit::Checkpoint>(opened.state));
    return std::get<audit::Checkpoint>(opened.state);
}

TEST_CASE("a checkpoint is signed over the head, anchored and stored", "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    SigningProcess(fixture).sign();
    const audit::Checkpoint checkpoint = newest_checkpoint(fixture);
    const store::LogReader snapshot(fixture.database);
    const store::LogHead head = snapshot.head();
    CHECK(checkpoint.size == 2);
    CHECK(checkpoint.root == audit::Frontier::restore(head.size, head.frontier).value().root());
    CHECK(checkpoint.origin == "test/audit/" + snapshot.log_id());
    CHECK(anchored_notes(fixture) == 1);
}

TEST_CASE("an empty log and a log that did not grow are not signed again", "[signer]") {
    Fixture fixture;
    SigningProcess process(fixture);
    Signer& signer = process.signer();
    signer.sign();
    CHECK(anchored_notes(fixture) == 0);
    fixture.append({{.id = "1"}});
    signer.sign();
    signer.sign();
    CHECK(anchored_notes(fixture) == 1);
}

TEST_CASE("between two checkpoints lies a second, unless one is asked for", "[signer]") {
    Fixture fixture;
    SigningProcess process(fixture);
    Signer& signer = process.signer();
    fixture.append({{.id = "1"}});
    signer.sign_if_due();
    signer.wait();
    fixture.append({{.id = "2"}});
    fixture.clock.set(Instant{fixture.clock.now().micros + kMicrosPerSecond - 1});
    signer.sign_if_due();
    signer.wait();
    CHECK(newest_checkpoint(fixture).size == 1);
    fixture.clock.set(Instant{fixture.clock.now().micros + 1});
    signer.sign_if_due();
    signer.wait();
    CHECK(newest_checkpoint(fixture).size == 2);
}

TEST_CASE("fault 45: without a thread to be had it is signed when somebody waits for it",
          "[signer]") {
    Fixture fixture;
    SigningProcess process(fixture);
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    fixture.append({{.id = "1"}});
    process.signer().sign_if_due();
    CHECK(no_thread.count() == 1);
    process.signer().sign_if_due();
    CHECK(newest_checkpoint(fixture).size == 1);
}

TEST_CASE("a signer that starts again goes on where the last one was", "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess(fixture).sign();
    fixture.append({{.id = "2"}, {.id = "3"}});
    SigningProcess(fixture).sign();
    CHECK(newest_checkpoint(fixture).size == 3);
    CHECK(anchored_notes(fixture) == 2);
}

TEST_CASE("a lost state file is made again from what the stored checkpoint proves", "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess(fixture).sign();
    fs::remove(beside(fixture.url.path, ".signer"));
    fixture.append({{.id = "2"}});
    SigningProcess(fixture).sign();
    CHECK(newest_checkpoint(fixture).size == 2);
}

TEST_CASE("fault 40: a note that a crash tore is cut off before the next one is appended",
          "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess(fixture).sign();
    const auto anchor = beside(fixture.url.path, ".anchors");
    const std::string whole = read_file(anchor).value();
    append_to_file(anchor, whole.substr(0, whole.size() / 2));
    fixture.append({{.id = "2"}});
    SigningProcess(fixture).sign();
    const std::string next = store::LogReader(fixture.database).newest_checkpoint()->note;
    CHECK(read_file(anchor) == whole + next);
}

TEST_CASE("fault 38: a crash after the state was kept and before the note signs the same again",
          "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess(fixture).sign();
    const std::string note = store::LogReader(fixture.database).newest_checkpoint()->note;
    REQUIRE(run_sql(fixture.url, "DELETE FROM audit_checkpoint").empty());
    SigningProcess(fixture).sign();
    CHECK(store::LogReader(fixture.database).newest_checkpoint()->note == note);
}

TEST_CASE("fault 35: a row that changed between hash and disk is never signed", "[signer]") {
    Fixture fixture;
    SigningProcess process(fixture);
    Signer& signer = process.signer();
    fixture.append({{.id = "1"}, {.id = "2"}});
    REQUIRE(run_sql(fixture.url,
                    "DROP TRIGGER audit_log_no_update;"
                    "UPDATE audit_log SET ce_id = 'x' WHERE seq = 1")
                .empty());
    CHECK_THROWS_AS(signer.sign(), Failure);
    CHECK(anchored_notes(fixture) == 0);
    CHECK_FALSE(store::LogReader(fixture.database).newest_checkpoint().has_value());
}

TEST_CASE(
    "an anchor that cannot be written leaves no stored checkpoint, and a later call does both",
    "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess process(fixture, fixture.directory.path() / "absent" / "anchors");
    Signer& signer = process.signer();
    CHECK_THROWS_AS(signer.sign(), Failure);
    CHECK_FALSE(store::LogReader(fixture.database).newest_checkpoint().has_value());
    fs::create_directory(fixture.directory.path() / "absent");
    signer.sign();
    CHECK(newest_checkpoint(fixture).size == 1);
}

TEST_CASE("an earlier attempt that failed beside does not keep the last one from signing",
          "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    SigningProcess process(fixture, fixture.directory.path() / "absent" / "anchors");
    Signer& signer = process.signer();
    signer.sign_if_due();
    CHECK_THROWS_AS(signer.wait(), Failure);
    fixture.clock.set(Instant{fixture.clock.now().micros + kMicrosPerSecond});
    signer.sign_if_due();
    // Whether that attempt is over or not, this one finds room.
    fs::create_directory(fixture.directory.path() / "absent");
    signer.sign();
    CHECK(newest_checkpoint(fixture).size == 1);
}

TEST_CASE("fault 8: what somebody without the key appended is never signed", "[signer]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    SigningProcess process(fixture);
    const audit::Seal seal = store::LogReader(fixture.database).seal().value();
    {
        store::Database database = store::Database::open_for_writing(fixture.url);
        const auto other =
            audit::SigningKey::from_seed(fixture.key.verifier().name(), std::string(32, 'x'));
        REQUIRE(run_sql(fixture.url, "UPDATE audit_seal SET signature = X''").empty());
        const audit::Frontier tree = head_of(store::LogReader(database));
        store::seal_history(database, tree, other);
    }
    CHECK_THROWS_WITH(process.sign(), Catch::Contains("not of the log's key"));
    CHECK(anchored_notes(fixture) == 0);
    {
        store::Database database = store::Database::open_for_writing(fixture.url);
        store::write_seal(database.session(), seal);
    }
    process.sign();
    CHECK(newest_checkpoint(fixture).size == 2);
}

}  // namespace
}  // namespace dcm::anchors
