#include "consumer/file_source.h"

#include "base/result.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

const Instant kNow{1'780'000'000'000'000};

std::vector<Message> read_all(FileSource& source) {
    std::vector<Message> all;
    while (!source.drained()) {
        for (Message& message : source.pull(2, milliseconds(0))) {
            all.push_back(std::move(message));
        }
    }
    return all;
}

TEST_CASE("lines become messages in order, blank ones are skipped but counted", "[file_source]") {
    const support::TempDir files;
    const support::ManualClock clock(kNow);
    const std::string first = files.file("a.jsonl", "one\n\n \t\r\ntwo\r\nthree");
    const std::string second = files.file("b.jsonl", "\nfour\n");
    FileSource source({first, second}, clock);
    const auto messages = read_all(source);
    REQUIRE(messages.size() == 4);
    CHECK(messages[0].payload == "one");
    CHECK(messages[1].payload == "two");
    CHECK(messages[2].payload == "three");
    CHECK(messages[3].payload == "four");
    CHECK(FileSource::line_of(messages[0]) == 1);
    CHECK(FileSource::line_of(messages[1]) == 4);
    CHECK(FileSource::line_of(messages[2]) == 5);
    CHECK(FileSource::line_of(messages[3]) == 2);
    CHECK(messages[0].store_time == kNow);
    CHECK(source.bytes_read() == source.bytes_total());
    CHECK(source.bytes_total() == 25);
}

TEST_CASE("large lines are returned a few at a time", "[file_source]") {
    const support::TempDir files;
    const support::ManualClock clock(kNow);
    std::string text;
    constexpr std::size_t line_bytes = 1'000'000;
    for (int line = 0; line < 20; ++line) {
        text.append(std::string(line_bytes, 'x')).push_back('\n');
    }
    FileSource source({files.file("a.jsonl", text)}, clock);
    std::size_t lines = 0;
    while (!source.drained()) {
        const std::size_t pulled = source.pull(250, milliseconds(0)).size();
        CHECK(pulled <= kPullBytesMax / line_bytes + 1);
        lines += pulled;
    }
    CHECK(lines == 20);
}

TEST_CASE("an empty file is drained after the first pull", "[file_source]") {
    const support::TempDir files;
    const support::ManualClock clock(kNow);
    FileSource source({files.file("empty", "")}, clock);
    CHECK(read_all(source).empty());
    FileSource none({}, clock);
    CHECK(none.drained());
}

TEST_CASE("a file that is not there is told at once and by name", "[file_source]") {
    const support::TempDir files;
    const support::ManualClock clock(kNow);
    const std::string there = files.file("there", "x\n");
    const std::string absent = (files.path() / "absent.jsonl").string();
    CHECK_THROWS_WITH(FileSource({there, absent}, clock),
                      Catch::Contains("absent.jsonl") && Catch::Contains("No such file"));
}

TEST_CASE("the longest line allowed is read, a longer one is malformed with file and line",
          "[file_source]") {
    const support::TempDir files;
    const support::ManualClock clock(kNow);
    const std::string longest(kLineBytesMax, 'x');
    FileSource source({files.file("long", "a\n" + longest + "\nb")}, clock);
    const auto messages = read_all(source);
    REQUIRE(messages.size() == 3);
    CHECK(messages[1].payload.size() == kLineBytesMax);

    const std::string end = GENERATE("\n", "");
    FileSource beyond({files.file("longer", "a\n" + longest + "x" + end)}, clock);
    try {
        static_cast<void>(read_all(beyond));
        FAIL("expected a Failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == ErrorKind::malformed);
        CHECK_THAT(failure.what(), Catch::Contains("longer, line 2"));
    }
}

TEST_CASE("a pipe gives what is there and is not drained before its end", "[file_source]") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const support::ManualClock clock(kNow);
    FileSource source({"/dev/fd/" + std::to_string(ends[0])}, clock);
    CHECK(source.bytes_total() == 0);
    REQUIRE(write(ends[1], "one\ntw", 6) == 6);
    auto messages = source.pull(10, milliseconds(1));
    REQUIRE(messages.size() == 1);
    CHECK_FALSE(source.drained());
    CHECK(source.pull(10, milliseconds(1)).empty());
    REQUIRE(write(ends[1], "o", 1) == 1);
    close(ends[1]);
    messages = source.pull(10, milliseconds(1));
    close(ends[0]);
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].payload == "two");
    CHECK(source.drained());
}

}  // namespace
}  // namespace dcm::consumer
