#include "anchors/start_check.h"

#include "anchors/anchor_file.h"
#include "anchors/file_io.h"
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
using audit::FindingKind;
using store::test::EventSpec;
using store::test::Fixture;
using store::test::run_sql;

// A log with records before and behind its last full tile, signed to its end, with one anchor.
class SignedLog {
public:
    SignedLog() {
        std::vector<EventSpec> events;
        for (int i = 0; i < 300; ++i) {
            events.push_back({.id = std::to_string(i)});
        }
        fixture.append(events);
        sign();
    }

    void sign() {
        AnchorSet anchors = anchor_set();
        const LogKey key{fixture.key, fixture.key.verifier(), std::nullopt};
        Signer(fixture.database, {fixture.url, "test", {"", state}}, key, anchors, fixture.clock)
            .sign();
    }

    // As any program that may write to the database, without its triggers.
    void change(const std::string& script) const {
        REQUIRE(run_sql(fixture.url,
                        "DROP TRIGGER IF EXISTS audit_log_no_update;"
                        "DROP TRIGGER IF EXISTS audit_log_no_delete;" +
                            script)
                    .empty());
    }

    std::optional<FindingKind> check() {
        AnchorSet anchors = anchor_set();
        const OutsideEvidence outside =
            read_outside_evidence(state, anchors, fixture.key.verifier());
        notices = anchors.take_notices();
        store::Database database = store::Database::open_for_reading(url);
        const store::LogReader snapshot(database);
        return quick_check(snapshot, outside, fixture.key.verifier()).worst();
    }

    Fixture fixture;
    store::DatabaseUrl url = fixture.url;  // of the database to check
    fs::path state = beside(fixture.url.path, ".signer");
    fs::path anchor = beside(fixture.url.path, ".anchors");
    std::vector<std::string> notices;

private:
    AnchorSet anchor_set() {
        std::vector<std::unique_ptr<Anchor>> places;
        places.push_back(std::make_unique<FileAnchor>(anchor));
        return {std::move(places), /*quorum=*/1, fixture.clock};
    }
};

TEST_CASE("what was signed, and what came after it, is as it should be", "[start_check]") {
    SignedLog log;
    CHECK_FALSE(log.check());
    log.fixture.append({{.id = "later"}});
    CHECK_FALSE(log.check());
    log.change("DELETE FROM audit_checkpoint");
    fs::remove(log.state);
    fs::remove(log.anchor);
    CHECK_FALSE(log.check());
}

TEST_CASE("fault 23: state, anchor and stored checkpoint each know more than an older copy",
          "[start_check]") {
    SignedLog log;
    const fs::path copy = log.fixture.directory.path() / "copy.db";
    log.change("VACUUM INTO '" + copy.string() + "'");
    log.fixture.append({{.id = "later"}});
    log.sign();
    log.url = {copy};
    CHECK(log.check() == FindingKind::rolled_back);
    fs::rename(log.state, log.state.string() + ".away");
    CHECK(log.check() == FindingKind::rolled_back);
    fs::remove(log.anchor);
    CHECK_FALSE(log.check());
    fs::rename(log.state.string() + ".away", log.state);
    CHECK(log.check() == FindingKind::rolled_back);
}

TEST_CASE("what was changed at the end, or in head, tiles, seal and notes, is found",
          "[start_check]") {
    SignedLog log;
    const auto* const change =
        GENERATE("UPDATE audit_log SET ce_id = 'x' WHERE seq = 299",
                 "UPDATE audit_log SET ce_id = 'x' WHERE seq = 256",
                 "DELETE FROM audit_log WHERE seq = 299",
                 "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, outcome)"
                 " VALUES (300, 1, 'k', 'a', 's', 'o')",
                 "UPDATE audit_head SET size = 299",
                 "UPDATE audit_head SET frontier = zeroblob(length(frontier))",
                 "UPDATE audit_head SET edge = X''",
                 "UPDATE audit_tile SET hashes = zeroblob(8192)",
                 "DELETE FROM audit_tile",
                 "DELETE FROM audit_seal",
                 "UPDATE audit_seal SET signature = zeroblob(64)",
                 "UPDATE audit_checkpoint SET note = 'x'",
                 "UPDATE audit_checkpoint SET size = 299");
    INFO(change);
    log.change(change);
    CHECK(log.check() == FindingKind::tampered);
}

TEST_CASE("an anchor of another history is found", "[start_check]") {
    SignedLog log;
    const std::string origin = log.fixture.key.verifier().name();
    replace_file(log.anchor, audit::sign_checkpoint({origin, 300, {}}, log.fixture.key));
    CHECK(log.check() == FindingKind::tampered);
}

TEST_CASE("of an anchor the newest note counts that the key signed", "[start_check]") {
    SignedLog log;
    const std::string note = read_file(log.anchor).value();
    SECTION("behind what a crash tore") {
        append_to_file(log.anchor, note.substr(0, note.size() / 2));
        CHECK_FALSE(log.check());
    }
    SECTION("behind more notes than are read") {
        std::string many;
        while (many.size() < 200'000) {
            many += note;
        }
        const std::string origin = log.fixture.key.verifier().name();
        replace_file(log.anchor, audit::sign_checkpoint({origin, 301, {}}, log.fixture.key) + many);
        CHECK_FALSE(log.check());
        append_to_file(log.anchor, audit::sign_checkpoint({origin, 301, {}}, log.fixture.key));
        CHECK(log.check() == FindingKind::rolled_back);
    }
    SECTION("not one of somebody else") {
        const auto other =
            audit::SigningKey::from_seed(log.fixture.key.verifier().name(), std::string(32, 'x'));
        append_to_file(log.anchor, audit::sign_checkpoint({"x", 900, {}}, other));
        CHECK_FALSE(log.check());
    }
}

TEST_CASE("an anchor that cannot be read says nothing, and is told", "[start_check]") {
    SignedLog log;
    fs::remove(log.anchor);
    fs::create_directory(log.anchor);
    CHECK_FALSE(log.check());
    CHECK(log.notices.size() == 1);
}

TEST_CASE("a finding ends what would have written, by its kind", "[start_check]") {
    const auto kind_of = [](std::vector<audit::Finding> found) {
        audit::Findings findings;
        for (audit::Finding& finding : found) {
            findings.add(std::move(finding));
        }
        try {
            require_unharmed(findings);
        } catch (const NotAsSigned& refusal) {
            return std::optional(refusal.finding());
        }
        return std::optional<FindingKind>();
    };
    const audit::Finding tampered{FindingKind::tampered, std::nullopt, "a"};
    const audit::Finding rolled_back{FindingKind::rolled_back, std::nullopt, "b"};
    CHECK_FALSE(kind_of({}));
    CHECK(kind_of({rolled_back}) == FindingKind::rolled_back);
    CHECK(kind_of({rolled_back, tampered}) == FindingKind::tampered);
}

}  // namespace
}  // namespace dcm::anchors
