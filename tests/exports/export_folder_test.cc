// Where an export is written, and where it is not.
#include "exports/publish.h"
#include "tests/exports/sample_content.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>

namespace dcm::exports {
namespace {

namespace fs = std::filesystem;

using testing::files_below;
using testing::kData;
using testing::problems_below;
using testing::publish;
using testing::sample_plan;
using testing::SampleContent;
using testing::taken;

TEST_CASE("folders above the destination are made for owner and group alone", "[exports]") {
    const support::TempDir dir;
    static_cast<void>(publish(sample_plan(dir.path() / "a/b"), SampleContent(3)));
    for (const char* const made : {"a", "a/b", "a/b/finance", "a/b/finance/data"}) {
        INFO(made);
        const auto mode = fs::status(dir.path() / made).permissions();
        CHECK((mode & fs::perms::others_all) == fs::perms::none);
    }
}

TEST_CASE("one process at a time works on an export", "[exports]") {
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    {
        const ExportFolder held = taken(plan);
        CHECK_FALSE(ExportFolder::take(plan).has_value());
    }
    CHECK(ExportFolder::take(plan).has_value());
}

TEST_CASE("fault 90: a link is not followed, wherever it stands", "[exports]") {
    const support::TempDir outside;
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path() / "exports");
    const SampleContent sample(3);
    for (const std::string& place :
         {std::string("exports"),
          std::string("exports/finance"),
          std::string("exports/finance/data"),
          std::string("exports/finance/metadata"),
          std::string("exports/finance/.staging"),
          std::string("exports/finance/data/BILLING_PERIOD=2026-05"),
          std::string("exports/finance/metadata/BILLING_PERIOD=2026-05")}) {
        INFO(place);
        fs::remove_all(dir.path() / "exports");
        fs::create_directories((dir.path() / place).parent_path());
        fs::create_directory_symlink(outside.path(), dir.path() / place);
        CHECK_THROWS_AS(publish(plan, sample), Failure);
        CHECK(fs::is_empty(outside.path()));
    }
}

TEST_CASE("fault 90: a link in the place of a file is replaced, not written through", "[exports]") {
    const support::TempDir outside;
    const support::TempDir dir;
    const ExportPlan plan = sample_plan(dir.path());
    const fs::path target = outside.file("passwords", "untouched");
    fs::create_directories((dir.path() / "finance" / kData).parent_path());
    fs::create_symlink(target, dir.path() / "finance" / kData);
    static_cast<void>(publish(plan, SampleContent(3)));
    CHECK(files_below(outside.path()).at("passwords") == "untouched");
    CHECK_FALSE(fs::is_symlink(dir.path() / "finance" / kData));
    CHECK(problems_below(dir.path()).empty());
}

TEST_CASE("fault 90: a folder that everybody can write to is refused", "[exports]") {
    const support::TempDir dir;
    fs::permissions(dir.path(), fs::perms::all);
    CHECK_THROWS_WITH(publish(sample_plan(dir.path()), SampleContent(3)),
                      Catch::Contains("everybody can write to"));
}

}  // namespace
}  // namespace dcm::exports
