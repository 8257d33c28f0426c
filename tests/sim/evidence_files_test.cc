#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "base/result.h"
#include "tests/sim/disk.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>

namespace dcm::sim {
namespace {

namespace fs = std::filesystem;

// A disk in a folder of its own, and what the tests ask of it.
struct Fixture {
    support::TempDir folder;
    fs::path path = fs::canonical(folder.path()) / "file";
    Disk disk{folder.path(), /*seed=*/1};

    void fail(Act act, std::int64_t nth) { disk.plan({act, nth, Harm::once}); }
    void cut_power(Act act, std::int64_t nth) { disk.plan({act, nth, Harm::power_cut}); }
};

TEST_CASE("fault 42: a key that could not be written is made anew by the next start", "[sim]") {
    for (const Act act : {Act::open, Act::write, Act::sync, Act::rename}) {
        Fixture fixture;
        INFO(act_name(act));
        fixture.fail(act, 1);
        CHECK_THROWS_AS(anchors::load_or_create_key(fixture.path, "log"), Failure);
        CHECK(anchors::load_or_create_key(fixture.path, "log").verifier().name() == "log");
    }
}

TEST_CASE("fault 40: a power cut leaves no key or the whole of it", "[sim]") {
    for (const Act act : {Act::open, Act::write, Act::sync, Act::rename, Act::remove}) {
        for (const Survival survival : {Survival::nothing, Survival::everything, Survival::some}) {
            Fixture fixture;
            INFO(act_name(act));
            fixture.cut_power(act, 1);
            // What is removed is the file's temporary name, when its own is durable.
            if (act == Act::remove) {
                CHECK_NOTHROW(anchors::load_or_create_key(fixture.path, "log"));
            } else {
                CHECK_THROWS_AS(anchors::load_or_create_key(fixture.path, "log"), Failure);
            }
            fixture.disk.restore_power(survival);
            CHECK(anchors::load_or_create_key(fixture.path, "log").verifier().name() == "log");
        }
    }
}

TEST_CASE("fault 40: what was appended after a failure survives a power cut", "[sim]") {
    for (const Act act : {Act::open, Act::write, Act::sync}) {
        for (std::int64_t nth = 1; nth <= 3; ++nth) {
            Fixture fixture;
            INFO(act_name(act) << ' ' << nth);
            fixture.fail(act, nth);
            try {
                anchors::append_to_file(fixture.path, "one\n");
            } catch (const Failure&) {
                CHECK(anchors::read_file(fixture.path).value_or("").empty());
                anchors::append_to_file(fixture.path, "one\n");
            }
            fixture.cut_power(Act::open, 1);
            CHECK_THROWS_AS(anchors::append_to_file(fixture.path, "two\n"), Failure);
            fixture.disk.restore_power(Survival::nothing);
            CHECK(anchors::read_file(fixture.path) == "one\n");
        }
    }
}

TEST_CASE("fault 40: a power cut leaves the old content or the new one of a replaced file",
          "[sim]") {
    for (const Act act : {Act::open, Act::write, Act::sync, Act::rename}) {
        for (const Survival survival : {Survival::nothing, Survival::everything, Survival::some}) {
            Fixture fixture;
            anchors::replace_file(fixture.path, "old");
            fixture.cut_power(act, 1);
            CHECK_THROWS_AS(anchors::replace_file(fixture.path, "new"), Failure);
            fixture.disk.restore_power(survival);
            const std::string found = anchors::read_file(fixture.path).value_or("none");
            INFO(act_name(act));
            CHECK((found == "old" || found == "new"));
        }
    }
}

}  // namespace
}  // namespace dcm::sim
