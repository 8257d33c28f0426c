#include "exports/publish.h"

#include "audit/hash.h"
#include "tests/exports/sample_content.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace dcm::exports {
namespace {

namespace fs = std::filesystem;

using testing::files_below;
using testing::go_on;
using testing::kData;
using testing::kManifest;
using testing::problems_below;
using testing::publish;
using testing::sample_plan;
using testing::SampleContent;
using testing::taken;

TEST_CASE("a period becomes a data file and a manifest that says what is in it", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    const SampleContent sample(3);
    const Published published = publish(plan, sample);
    CHECK(published.is_new);
    const auto files = files_below(dir.path() / "finance");
    REQUIRE(files.size() == 2);
    const Manifest manifest = parse_manifest(files.at(kManifest)).value();
    CHECK(manifest == published.manifest);
    CHECK(published.manifest_sha256 == audit::to_hex(audit::sha256(files.at(kManifest))));
    REQUIRE(manifest.files.size() == 1);
    CHECK(manifest.files[0].name == kData);
    CHECK(manifest.files[0].rows == 4);
    CHECK(manifest.files[0].bytes == static_cast<std::int64_t>(files.at(kData).size()));
    CHECK(manifest.files[0].sha256 == audit::to_hex(audit::sha256(files.at(kData))));
    CHECK(manifest.totals ==
          std::vector<ControlTotal>{{"acme", Decimal::parse("0.14").value(), 4}});
    CHECK(manifest.state == "open");
    CHECK(manifest.as_of == "2026-05-20T10:00:00Z");
    CHECK(manifest.checkpoint == sample.content().checkpoint);
    CHECK_FALSE(manifest.supersedes.has_value());
    CHECK(problems_below(dir.path()).empty());
    const auto mode = fs::status(dir.path() / "finance" / kData).permissions();
    CHECK((mode & fs::perms::others_all) == fs::perms::none);
}

TEST_CASE("the same state gives the same bytes, and a second run touches nothing", "[exports]") {
    const SampleContent sample(100);
    for (const Compression compression :
         {Compression::none, Compression::gzip, Compression::zstd}) {
        for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
            INFO(compression_name(compression) << ' ' << format_name(format));
            const support::TempDir dir;
            const support::TempDir other;
            ExportPlan plan = sample_plan(dir.path());
            plan.compression = compression;
            plan.format = format;
            CHECK(publish(plan, sample).is_new);
            const auto files = files_below(dir.path());
            const auto written = fs::last_write_time(dir.path() / "finance" / kManifest);
            CHECK_FALSE(publish(plan, sample).is_new);
            CHECK(files_below(dir.path()) == files);
            CHECK(fs::last_write_time(dir.path() / "finance" / kManifest) == written);
            plan.destination = other.path();
            static_cast<void>(publish(plan, sample));
            CHECK(files_below(other.path()) == files);
            CHECK(problems_below(dir.path()).empty());
        }
    }
}

TEST_CASE("a gzip file carries neither time nor name", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    plan.compression = Compression::gzip;
    static_cast<void>(publish(plan, SampleContent(3)));
    const std::string bytes = files_below(dir.path() / "finance").at(kData + ".gz");
    // Magic, method, flags and time (RFC 1952).
    CHECK(bytes.substr(0, 8) == std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00", 8));
}

TEST_CASE("an empty period has a header, no row and zero in all", "[exports]") {
    const support::TempDir dir;
    const Published published = publish(sample_plan(dir.path()), SampleContent(0));
    CHECK(published.manifest.rows() == 0);
    CHECK(published.manifest.total().is_zero());
    CHECK(published.manifest.totals.empty());
    const std::string data = files_below(dir.path() / "finance").at(kData);
    CHECK(data.starts_with("BilledCost,"));
    CHECK(data.find("\r\n") == data.size() - 2);
    CHECK(problems_below(dir.path()).empty());
}

TEST_CASE("another content supersedes the one before, and says which", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    const Published before = publish(plan, SampleContent(3));
    SampleContent sample(4);
    sample.origin.log_size = 200;
    const Published after = publish(plan, sample);
    CHECK(after.is_new);
    REQUIRE(after.manifest.supersedes.has_value());
    CHECK(after.manifest.supersedes->manifest_sha256 == before.manifest_sha256);
    CHECK(after.manifest.supersedes->log_size == 100);
    CHECK(files_below(dir.path()).size() == 2);
    CHECK(problems_below(dir.path()).empty());
}

TEST_CASE("where the data cannot take its place, the month before stays published", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    plan.compression = Compression::gzip;
    const Published before = publish(plan, SampleContent(3));
    const auto files = files_below(dir.path());
    plan.compression = Compression::none;
    fs::create_directory(dir.path() / "finance" / kData);
    CHECK_THROWS_AS(publish(plan, SampleContent(4)), Failure);
    CHECK(files_below(dir.path()) == files);
    CHECK(taken(plan).published("2026-05") == before.manifest);

    // Its data is another one: the manifest would vouch for it.
    std::ofstream(dir.path() / "finance" / (kData + ".gz")) << "x";
    CHECK_THROWS_AS(publish(plan, SampleContent(4)), Failure);
    CHECK_FALSE(taken(plan).published("2026-05").has_value());
    fs::remove(dir.path() / "finance" / kData);
    static_cast<void>(publish(plan, SampleContent(4)));
    CHECK(problems_below(dir.path()).empty());
}

TEST_CASE("a later log with the same lines is no other content", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    SampleContent sample(3);
    static_cast<void>(publish(plan, sample));
    sample.origin.log_size = 101;
    const Published again = publish(plan, sample);
    CHECK_FALSE(again.is_new);
    CHECK(again.manifest.log_size == 100);
}

TEST_CASE("a manifest of the log's name before a fork is written anew", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    SampleContent sample(3);
    const Published before = publish(plan, sample);
    sample.log = "example/audit/2";
    const Published after = publish(plan, sample);
    CHECK(after.is_new);
    CHECK(after.manifest.checkpoint.starts_with("example/audit/2\n"));
    CHECK(after.manifest.supersedes->manifest_sha256 == before.manifest_sha256);
    CHECK_FALSE(publish(plan, sample).is_new);
}

TEST_CASE("what somebody changed or took away is written again", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    static_cast<void>(publish(plan, SampleContent(3)));
    const auto files = files_below(dir.path());
    std::ofstream(dir.path() / "finance" / kData, std::ios::app) << "x";
    CHECK(problems_below(dir.path()).size() >= 2);
    CHECK(publish(plan, SampleContent(3)).is_new);
    CHECK(problems_below(dir.path()).empty());
    fs::remove(dir.path() / "finance" / kData);
    CHECK_FALSE(problems_below(dir.path()).empty());
    CHECK(publish(plan, SampleContent(3)).is_new);
    CHECK(files_below(dir.path()).at("finance/" + kData) == files.at("finance/" + kData));
}

TEST_CASE("a period is there while nobody touched it and the plan is the same", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    CHECK_FALSE(taken(plan).holds("2026-05", ""));
    const Published made = publish(plan, SampleContent(3));
    const auto is_there = [&] { return taken(plan).holds("2026-05", made.manifest_sha256); };
    const auto make_again = [&] { static_cast<void>(publish(plan, SampleContent(3))); };
    const fs::path data = dir.path() / "finance" / kData;
    CHECK(is_there());
    CHECK_FALSE(taken(plan).holds("2026-04", made.manifest_sha256));
    CHECK_FALSE(taken(plan).holds("2026-05", std::string(64, '0')));
    const std::string content = files_below(dir.path()).at("finance/" + kData);
    fs::remove(data);
    CHECK_FALSE(is_there());
    std::ofstream(data) << content;
    CHECK(is_there());  // later, and the same
    std::ofstream(data) << content << 'x';
    CHECK_FALSE(is_there());
    std::ofstream(data) << content.substr(1) << 'x';
    CHECK_FALSE(is_there());
    make_again();
    std::ofstream(data.parent_path() / "part-00002.csv") << 'x';
    CHECK_FALSE(is_there());
    make_again();
    fs::remove(dir.path() / "finance" / kManifest);
    fs::create_symlink("/etc/passwd", dir.path() / "finance" / kManifest);
    CHECK_FALSE(is_there());
    fs::remove(dir.path() / "finance" / kManifest);
    const Published last = publish(plan, SampleContent(3));
    CHECK(taken(plan).holds("2026-05", last.manifest_sha256));
    plan.compression = Compression::gzip;
    CHECK_FALSE(taken(plan).holds("2026-05", last.manifest_sha256));
    plan.compression = Compression::none;
    plan.format = Format::lines;
    CHECK_FALSE(taken(plan).holds("2026-05", last.manifest_sha256));
}

TEST_CASE("another part beside the one that is published is told, and goes", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    static_cast<void>(publish(plan, SampleContent(3)));
    const std::string other = "data/BILLING_PERIOD=2026-05/part-00002.csv";
    std::ofstream(dir.path() / "finance" / other) << "BilledCost\r\n1000\r\n";
    const auto problems = problems_below(dir.path());
    REQUIRE(problems.size() == 1);
    CHECK(problems[0] == R"(expected part-00001.csv alone in its folder, found "part-00002.csv")");
    CHECK(publish(plan, SampleContent(3)).is_new);
    CHECK(problems_below(dir.path()).empty());
    CHECK_FALSE(files_below(dir.path() / "finance").contains(other));
}

TEST_CASE("another compression leaves no part of the one before", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    static_cast<void>(publish(plan, SampleContent(3)));
    plan.compression = Compression::zstd;
    static_cast<void>(publish(plan, SampleContent(3)));
    const auto files = files_below(dir.path() / "finance");
    CHECK(files.size() == 2);
    CHECK(files.count(kData + ".zst") == 1);
    CHECK(problems_below(dir.path()).empty());
}

TEST_CASE("what does not sum up to the statement is not published", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    static_cast<void>(publish(plan, SampleContent(3)));
    const auto files = files_below(dir.path());
    SampleContent sample(4);
    sample.totals[0].total_rounded = Decimal(1);
    ExportFolder folder = taken(plan);
    const Result<Published> refused = folder.publish(sample.content(), go_on);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("expected 5 rows of \"acme\" with 1 in all, got 5 with") !=
          std::string::npos);
    CHECK(files_below(dir.path()) == files);
}

TEST_CASE("what FOCUS does not allow is not published", "[exports]") {
    const support::TempDir dir;
    SampleContent sample(3);
    sample.lines[1].meter = "  ";
    ExportFolder folder = taken(sample_plan(dir.path()));
    const Result<Published> refused = folder.publish(sample.content(), go_on);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("row 2: SkuMeter-C-002-M") != std::string::npos);
    CHECK(files_below(dir.path()).empty());
}

TEST_CASE("a folder that holds a period of another log is refused", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    const SampleContent sample(3);
    CHECK_NOTHROW(taken(plan).require_logs({sample.log}));
    static_cast<void>(publish(plan, sample));
    CHECK_NOTHROW(taken(plan).require_logs({sample.log}));
    CHECK_NOTHROW(taken(plan).require_logs({sample.log, "example/audit/2"}));
    CHECK_THROWS_WITH(
        taken(plan).require_logs({"example/audit/2"}),
        Catch::Contains("expected exports of the log example/audit/2 alone in ") &&
            Catch::Contains("found 2026-05 of the log example/audit/1: give the export of one of"));
    // Also where somebody wrote the manifest anew.
    std::ofstream(dir.path() / "finance" / kManifest, std::ios::app) << ' ';
    CHECK_THROWS(taken(plan).require_logs({"example/audit/2"}));
}

TEST_CASE("old periods go when there are more than are kept", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    SampleContent sample(3);
    for (const char* const period : {"2026-03", "2026-04", "2026-05", "2025-12"}) {
        sample.origin.period = period;
        static_cast<void>(publish(plan, sample));
    }
    const auto left = [](const ExportPlan& given) {
        const ExportFolder folder = taken(given);
        folder.remove_old();
        return folder.periods();
    };
    const std::vector<std::string> all{"2025-12", "2026-03", "2026-04", "2026-05"};
    CHECK(left(plan) == all);
    plan.keep = 4;
    CHECK(left(plan) == all);
    plan.keep = 2;
    CHECK(left(plan) == std::vector<std::string>{"2026-04", "2026-05"});
    CHECK(files_below(dir.path()).size() == 4);
}

TEST_CASE("an old period whose manifest nobody can read stays", "[exports]") {
    const support::TempDir dir;
    ExportPlan plan = sample_plan(dir.path());
    plan.keep = 1;
    SampleContent sample(3);
    for (const char* const period : {"2026-03", "2026-04", "2026-05"}) {
        sample.origin.period = period;
        static_cast<void>(publish(plan, sample));
    }
    const fs::path old = dir.path() / "finance/metadata/BILLING_PERIOD=2026-03/manifest.json";
    std::ofstream(old) << "of a later version";
    CHECK_NOTHROW(taken(plan).require_logs({sample.log}));
    taken(plan).remove_old();
    CHECK(fs::exists(old));
    CHECK(fs::exists(dir.path() / "finance/data/BILLING_PERIOD=2026-03"));
    CHECK_FALSE(fs::exists(dir.path() / "finance/data/BILLING_PERIOD=2026-04"));
}

TEST_CASE("a run that is stopped leaves what was published", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    static_cast<void>(publish(plan, SampleContent(3)));
    const auto files = files_below(dir.path());
    ExportFolder folder = taken(plan);
    const SampleContent large(5'000);
    CHECK_THROWS_WITH(folder.publish(large.content(), [](std::int64_t) { return false; }),
                      Catch::Contains("stopped"));
    CHECK(files_below(dir.path()) == files);
    CHECK_FALSE(fs::exists(dir.path() / "finance/.staging"));
}

}  // namespace
}  // namespace dcm::exports
