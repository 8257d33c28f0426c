#include "cli/doctor.h"

#include "base/result.h"

#include <catch2/catch.hpp>
#include <linux/magic.h>

namespace dcm::cli {
namespace {

constexpr std::int64_t kGigabyte = std::int64_t{1} << 30U;

TEST_CASE("fault 46: file systems that break SQLite's promises fail, memory is a warning",
          "[doctor]") {
    for (const std::int64_t type : {NFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, SMB_SUPER_MAGIC}) {
        CHECK(judge_file_system(type).severity == Severity::fail);
    }
    CHECK(judge_file_system(TMPFS_MAGIC).severity == Severity::warn);
    CHECK(judge_file_system(EXT4_SUPER_MAGIC).severity == Severity::ok);
    CHECK(judge_file_system(XFS_SUPER_MAGIC).severity == Severity::ok);
}

TEST_CASE("space is low below a gigabyte or five percent, and none is a failure", "[doctor]") {
    const auto severity = [](Space space) { return judge_space("here", space).severity; };
    CHECK(severity({.free_bytes = kGigabyte, .total_bytes = 20 * kGigabyte}) == Severity::ok);
    CHECK(severity({.free_bytes = kGigabyte - 1, .total_bytes = 2 * kGigabyte}) == Severity::warn);
    CHECK(severity({.free_bytes = 40 * kGigabyte, .total_bytes = 1'000 * kGigabyte}) ==
          Severity::warn);
    CHECK(severity({.free_bytes = 60 * kGigabyte, .total_bytes = 1'000 * kGigabyte}) ==
          Severity::ok);
    CHECK(severity({.free_bytes = 0, .total_bytes = kGigabyte}) == Severity::fail);
}

TEST_CASE("findings decide the exit code: malformed before failed before warned", "[doctor]") {
    Findings findings;
    findings.add({Severity::ok, "a", "fine", ""});
    findings.add({Severity::warn, "b", "not fine", "do this"});
    CHECK(findings.exit_code() == 0);
    CHECK_FALSE(findings.attempt("c", [] { throw Failure(ErrorKind::environment, "it is away"); }));
    CHECK(findings.exit_code() == 4);
    CHECK_FALSE(findings.attempt("d", [] { throw Failure(ErrorKind::malformed, "two\nlines"); }));
    CHECK(findings.exit_code() == 3);
    CHECK(findings.attempt("e", [] {}));
    CHECK(findings.text(0) ==
          "ok    a: fine\nwarn  b: not fine — do this\nfail  c: it is away\nfail  d: "
          "two\\nlines\n");
    CHECK_THAT(findings.json(), Catch::EndsWith("\"fail\":2,\"warn\":1,\"ok\":1,\"exit\":3}\n"));
}

}  // namespace
}  // namespace dcm::cli
