#include "exports/publish.h"
#include "tests/exports/counted_calls.h"
#include "tests/exports/sample_content.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace dcm::exports {
namespace {

namespace fs = std::filesystem;

using testing::files_below;
using testing::kData;
using testing::kManifest;
using testing::problems_below;
using testing::publish;
using testing::sample_plan;
using testing::SampleContent;
using testing::taken;

// Goal: whoever reads by manifests sees a whole export or none. Method: the same run again and
// again, ended before its first, second, … call that changes a file, until it comes to its end.
// What may be there then: the export before, the one after, or none.
struct Versions {
    const Published& before;
    const Published& after;
};

struct Endings {
    int before = 0;
    int after = 0;
    int none = 0;
};

void look_at_ending(const fs::path& dir, const Versions& versions, Endings& seen) {
    const auto files = files_below(dir / "finance");
    const std::vector<std::string> problems = problems_below(dir);
    if (files.contains(kManifest) || !files.contains(kData)) {
        CHECK(problems.empty());
    } else {
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().find("it is not published") != std::string::npos);
    }
    for (const auto& [name, content] : files) {
        INFO(name);
        const bool is_final = name == kData || name == kManifest;
        CHECK((is_final || name.starts_with(".staging/")));
    }
    if (!files.contains(kManifest)) {
        ++seen.none;
    } else if (parse_manifest(files.at(kManifest)).value() == versions.after.manifest) {
        ++seen.after;
    } else {
        CHECK(parse_manifest(files.at(kManifest)).value() == versions.before.manifest);
        ++seen.before;
    }
}

TEST_CASE("fault 91: killed at any step, a whole export is there or none", "[exports]") {
    const SampleContent old_content(3);
    const SampleContent new_content(5);
    const support::TempDir whole;
    const ExportPlan whole_plan = sample_plan(whole.path());
    const Published old = publish(whole_plan, old_content);
    const Published fresh = publish(whole_plan, new_content);
    const auto whole_files = files_below(whole.path());

    Endings seen;
    for (int number = 1;; ++number) {
        INFO("killed before call " << number);
        const support::TempDir dir;
        const ExportPlan plan = sample_plan(dir.path());
        static_cast<void>(publish(plan, old_content));
        const bool is_done =
            testing::survives(number, [&] { static_cast<void>(publish(plan, new_content)); });
        look_at_ending(dir.path(), {old, fresh}, seen);
        // The next run completes it.
        const Published again = publish(plan, new_content);
        CHECK(problems_below(dir.path()).empty());
        CHECK(files_below(dir.path()).at("finance/" + kData) == whole_files.at("finance/" + kData));
        CHECK(again.manifest.files == fresh.manifest.files);
        CHECK(files_below(dir.path()).size() == 2);
        if (is_done) {
            break;
        }
        REQUIRE(number < 1'000);
    }
    CHECK(seen.before > 5);
    CHECK(seen.none > 1);
    CHECK(seen.after > 0);
}

// Goal: what is old goes, wherever a run before was stopped. Method: as above.
TEST_CASE("fault 91: killed at any step of removing old periods, the next run completes it",
          "[exports]") {
    bool is_done = false;
    int number = 0;
    for (; !is_done; ++number) {
        INFO("killed before call " << number + 1);
        const support::TempDir dir;
        ExportPlan plan = sample_plan(dir.path());
        SampleContent sample(3);
        for (const char* const period : {"2026-01", "2026-03", "2026-04", "2026-05"}) {
            sample.origin.period = period;
            static_cast<void>(publish(plan, sample));
        }
        plan.keep = 2;
        is_done = testing::survives(number + 1, [&] { taken(plan).remove_old(); });
        taken(plan).remove_old();
        CHECK(taken(plan).periods() == std::vector<std::string>{"2026-04", "2026-05"});
        CHECK(files_below(dir.path()).size() == 4);
        for (const char* const part : {"data", "metadata"}) {
            CHECK(std::distance(fs::directory_iterator(dir.path() / "finance" / part),
                                fs::directory_iterator()) == 2);
        }
        REQUIRE(number < 1'000);
    }
    CHECK(number > 8);
}

TEST_CASE("fault 42: a disk that fails at any step leaves a whole export or none", "[exports]") {
    const SampleContent old_content(3);
    const SampleContent new_content(5);
    const support::TempDir whole;
    const Published old = publish(sample_plan(whole.path()), old_content);
    const Published fresh = publish(sample_plan(whole.path()), new_content);
    Endings seen;
    bool is_done = false;
    for (int number = 1; !is_done; ++number) {
        INFO("refused from call " << number << " on");
        const support::TempDir dir;
        const ExportPlan plan = sample_plan(dir.path());
        static_cast<void>(publish(plan, old_content));
        std::string told;
        {
            const testing::CountedCalls refused(testing::Fate::refused, number);
            try {
                static_cast<void>(publish(plan, new_content));
            } catch (const Failure& failure) {
                told = failure.what();
            }
            is_done = !testing::CountedCalls::was_met();
        }
        CHECK(told.empty() == is_done);
        look_at_ending(dir.path(), {old, fresh}, seen);
        REQUIRE(number < 1'000);
    }
    CHECK(seen.before > 5);
}

}  // namespace
}  // namespace dcm::exports
