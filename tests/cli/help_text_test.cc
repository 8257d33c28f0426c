#include "cli/help_text.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

constexpr std::string_view kHelp =
    "Reads what the stream holds and writes it\n"
    "Usage: dcm-billing consume [OPTIONS]\n"
    "\n"
    "Options:\n"
    "  --drain                     Stop when nothing is pending or unacknowledged\n"
    "  --a-flag-with-a-long-name FILE\n"
    "                              Where it is written to\n"
    "\n"
    "Example: dcm-billing consume --nats nats://127.0.0.1:4222 --drain\n"
    "         dcm-billing consume --nats nats://127.0.0.1:4222 --provision\n";

TEST_CASE("help that is not for a terminal, or fits it, stays as it is", "[help_text]") {
    CHECK(fold_help(kHelp, 0) == kHelp);
    CHECK(fold_help(kHelp, 80) == kHelp);
    CHECK(fold_help("", 80).empty());
}

TEST_CASE("descriptions fold below their beginning, and examples stay whole", "[help_text]") {
    CHECK(fold_help(kHelp, 50) ==
          "Reads what the stream holds and writes it\n"
          "Usage: dcm-billing consume [OPTIONS]\n"
          "\n"
          "Options:\n"
          "  --drain                     Stop when nothing is\n"
          "                              pending or\n"
          "                              unacknowledged\n"
          "  --a-flag-with-a-long-name FILE\n"
          "                              Where it is written\n"
          "                              to\n"
          "\n"
          "Example: dcm-billing consume --nats nats://127.0.0.1:4222 --drain\n"
          "         dcm-billing consume --nats nats://127.0.0.1:4222 --provision\n");
}

TEST_CASE("where there is little room beside a name its description stands below it",
          "[help_text]") {
    CHECK(fold_help(kHelp, 40) ==
          "Reads what the stream holds and writes\n"
          "it\n"
          "Usage: dcm-billing consume [OPTIONS]\n"
          "\n"
          "Options:\n"
          "  --drain\n"
          "      Stop when nothing is pending or\n"
          "      unacknowledged\n"
          "  --a-flag-with-a-long-name FILE\n"
          "      Where it is written to\n"
          "\n"
          "Example: dcm-billing consume --nats nats://127.0.0.1:4222 --drain\n"
          "         dcm-billing consume --nats nats://127.0.0.1:4222 --provision\n");
}

}  // namespace
}  // namespace dcm::cli
