#include "store/database.h"

#include "store/log_reader.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace dcm::store {
namespace {

using test::bytes_of;
using test::Fixture;
using test::TemporaryDirectory;

template <typename Act>
Failure failure_of(const Act& act) {
    try {
        static_cast<void>(act());
    } catch (const Failure& failure) {
        return failure;
    }
    return {ErrorKind::usage, "no failure"};
}

DatabaseUrl file_with(const TemporaryDirectory& directory, const std::string& bytes) {
    DatabaseUrl url{directory.path() / "other.db"};
    std::ofstream(url.path, std::ios::binary) << bytes;
    return url;
}

DatabaseUrl foreign_database(const TemporaryDirectory& directory) {
    DatabaseUrl url = file_with(directory, "");
    REQUIRE(test::run_sql(url, "CREATE TABLE song (title TEXT)").empty());
    return url;
}

TEST_CASE("database URLs are paths after sqlite://", "[database]") {
    CHECK(parse_database_url("sqlite://a.db").value().path == "a.db");
    CHECK(parse_database_url("sqlite:///a/b.db").value().path == "/a/b.db");
    for (const char* url : {"", "a.db", "sqlite://", "sqlite:a.db", "postgresql://x"}) {
        CHECK_FALSE(parse_database_url(url).ok());
    }
}

TEST_CASE("a database is durable, and may lie under any name", "[database]") {
    const TemporaryDirectory directory;
    const auto* const name = GENERATE("plain.db", "a b=c.db", "q\"'%?#&;.db", "\xC3\xA4.db");
    const DatabaseUrl url{directory.path() / name};
    {
        const auto database = Database::open_for_writing(url);
        CHECK(std::filesystem::exists(url.path));
        CHECK(test::query_text(url, "PRAGMA journal_mode") == "wal");
        CHECK(test::query_text(url, "PRAGMA page_size") == "16384");
    }
    auto database = Database::open_for_reading(url);
    CHECK(LogReader(database).log_id().size() == 16);
}

TEST_CASE("a database is nobody else's to read, nor is what lies beside it", "[database]") {
    using std::filesystem::perms;
    const TemporaryDirectory directory;
    const DatabaseUrl url{directory.path() / "new.db"};
    const auto others_may = [&url](const std::string& suffix) {
        const auto status = std::filesystem::status(url.path.string() + suffix);
        return (status.permissions() & perms::others_all) != perms::none;
    };
    const Database database = Database::open_for_writing(url);
    CHECK_FALSE(others_may(""));
    CHECK_FALSE(others_may("-wal"));
    CHECK_FALSE(others_may("-shm"));
    // What somebody allowed stays allowed.
    std::filesystem::permissions(url.path, perms::others_read, std::filesystem::perm_options::add);
    const Database again = Database::open_for_writing(url);
    CHECK(others_may(""));
}

TEST_CASE("the writing session commits durably and trusts no schema", "[database]") {
    Fixture fixture;
    int value = -1;
    fixture.database.session() << "PRAGMA synchronous", soci::into(value);
    CHECK(value == 2);
    fixture.database.session() << "PRAGMA trusted_schema", soci::into(value);
    CHECK(value == 0);
    fixture.database.session() << "PRAGMA writable_schema = ON";
    CHECK_THROWS(fixture.database.session() << "DELETE FROM sqlite_schema");
}

TEST_CASE("fault 50: the ingesting session alone checkpoints by itself", "[database]") {
    Fixture fixture;
    const auto pages_before_checkpoint = [](Database& database) {
        int pages = -1;
        database.session() << "PRAGMA wal_autocheckpoint", soci::into(pages);
        return pages;
    };
    CHECK(pages_before_checkpoint(fixture.database) > 0);
    Database other = Database::open_for_writing(fixture.url);
    CHECK(pages_before_checkpoint(other) == 0);
    // A reader cannot: its session is read-only.
    Database reader = Database::open_for_reading(fixture.url);
    CHECK_THROWS(reader.session() << "PRAGMA wal_checkpoint(TRUNCATE)");
}

TEST_CASE("a missing file is the environment's, and is not made by reading", "[database]") {
    const TemporaryDirectory directory;
    const DatabaseUrl url{directory.path() / "none.db"};
    CHECK(failure_of([&] { return Database::open_for_reading(url); }).kind() ==
          ErrorKind::environment);
    CHECK_FALSE(std::filesystem::exists(url.path));
    const DatabaseUrl nowhere{directory.path() / "no" / "none.db"};
    CHECK(failure_of([&] { return Database::open_for_writing(nowhere); }).kind() ==
          ErrorKind::environment);
}

TEST_CASE("another program's file is malformed, and is not touched", "[database]") {
    const TemporaryDirectory directory;
    const bool is_database = GENERATE(true, false);
    const DatabaseUrl url =
        is_database ? foreign_database(directory) : file_with(directory, std::string(5'000, 'x'));
    const std::string before = bytes_of(url.path);
    for (const auto& open :
         {&Database::open_for_reading, &Database::open_for_writing, &Database::open_for_audit}) {
        const auto failure = failure_of([&] { return open(url); });
        INFO(failure.what());
        CHECK(failure.kind() == ErrorKind::malformed);
    }
    CHECK(bytes_of(url.path) == before);
}

TEST_CASE("a newer, altered or older schema is malformed to a reader", "[database]") {
    const Fixture fixture;
    const auto* const change = GENERATE("INSERT INTO schema_migration VALUES (999, 'x', 'y', 'z')",
                                        "UPDATE schema_migration SET sha256 = '' WHERE version = 1",
                                        "DELETE FROM schema_migration WHERE version > 1");
    REQUIRE(test::run_sql(fixture.url, change).empty());
    CHECK(failure_of([&] { return Database::open_for_reading(fixture.url); }).kind() ==
          ErrorKind::malformed);
}

TEST_CASE("a file without tables is an empty log to the auditor only", "[database]") {
    const TemporaryDirectory directory;
    const DatabaseUrl url = file_with(directory, "");
    CHECK_FALSE(Database::open_for_audit(url).has_schema());
    CHECK(failure_of([&] { return Database::open_for_reading(url); }).kind() ==
          ErrorKind::malformed);
    CHECK(bytes_of(url.path).empty());
}

TEST_CASE("a reader sees one state while the writer goes on, and cannot write", "[database]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    auto database = Database::open_for_reading(fixture.url);
    {
        const LogReader snapshot(database);
        fixture.append({{.id = "2"}, {.id = "3"}});
        CHECK(snapshot.head().size == 1);
        CHECK(snapshot.row_count() == 1);
        int rows = 0;
        snapshot.each_leaf(0, 100, [&rows](const dcm::audit::Record&) { ++rows; });
        CHECK(rows == 1);
    }
    CHECK(LogReader(database).head().size == 3);
    CHECK_THROWS(database.session() << "DELETE FROM audit_payload");
}

TEST_CASE("a locked database is the environment's, and the same append works afterwards",
          "[database]") {
    Fixture fixture;
    auto other = Database::open_for_writing(fixture.url);
    fixture.database.session() << "PRAGMA busy_timeout = 1";
    other.session() << "BEGIN IMMEDIATE";
    CHECK(failure_of([&] { fixture.append({{.id = "1"}}); }).kind() == ErrorKind::environment);
    other.session() << "ROLLBACK";
    CHECK(fixture.append({{.id = "1"}}).accepted == 1);
}

TEST_CASE("fault 47: a second ingesting process is kept out until the first is gone",
          "[database]") {
    const TemporaryDirectory directory;
    const DatabaseUrl url{directory.path() / "billing.db"};
    {
        const IngestLock lock(url);
        const auto failure = failure_of([&] { const IngestLock second(url); });
        CHECK(failure.kind() == ErrorKind::environment);
        CHECK(std::string(failure.what()).find("process " + std::to_string(getpid())) !=
              std::string::npos);
    }
    // A process that dies without a word frees it too.
    const pid_t child = fork();
    if (child == 0) {
        const IngestLock lock(url);
        _exit(0);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK_NOTHROW(IngestLock(url));
}

TEST_CASE("checkpoints are kept once per size", "[database]") {
    Fixture fixture;
    store_checkpoint(fixture.database, {5, "note 5"});
    store_checkpoint(fixture.database, {3, "note 3"});
    store_checkpoint(fixture.database, {5, "other"});
    auto database = Database::open_for_reading(fixture.url);
    const LogReader reader(database);
    REQUIRE(reader.checkpoints().size() == 2);
    CHECK(reader.checkpoints()[0].note == "note 3");
    CHECK(reader.newest_checkpoint()->note == "note 5");
    CHECK(reader.schema_differences().empty());
}

}  // namespace
}  // namespace dcm::store
