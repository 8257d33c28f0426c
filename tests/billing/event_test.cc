#include "billing/event.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace {

using dcm::billing::Flags;
using dcm::billing::Reason;

}  // namespace

TEST_CASE("every reason has a name of its own", "[event]") {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(Reason::id_reused); ++i) {
        names.emplace(reason_name(static_cast<Reason>(i)));
    }
    CHECK(names.size() == 22);
    CHECK_FALSE(names.contains(""));
    CHECK(reason_name(Reason::payload_too_large) == "payload_too_large");
    CHECK(reason_name(Reason::id_reused) == "id_reused");
}

TEST_CASE("verdicts and time sources are spelled as in JSON", "[event]") {
    CHECK(verdict_name(dcm::billing::Verdict::accepted) == "accepted");
    CHECK(verdict_name(dcm::billing::Verdict::duplicate) == "duplicate");
    CHECK(verdict_name(dcm::billing::Verdict::rejected) == "rejected");
    CHECK(time_source_name(dcm::billing::TimeSource::event) == "event");
    CHECK(time_source_name(dcm::billing::TimeSource::store) == "store");
}

TEST_CASE("flags are named in sorted order", "[event]") {
    CHECK(Flags{}.names().empty());
    const auto all =
        Flags{.source_not_uri = true, .time_absent = true, .time_clamped = true}.names();
    CHECK(all.size() == 3);
    CHECK(std::is_sorted(all.begin(), all.end()));
    CHECK(Flags{.time_clamped = true}.names().front() == "time_clamped");
}
