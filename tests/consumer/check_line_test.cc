#include "consumer/check_line.h"

#include "base/instant.h"
#include "billing/event.h"

#include <catch2/catch.hpp>

#include <string>

namespace {

using dcm::Instant;
using dcm::billing::Reason;
using dcm::billing::Rejection;
using dcm::billing::StatusEvent;

}  // namespace

TEST_CASE("an accepted message prints its event with sorted flags", "[check_line]") {
    StatusEvent event;
    event.id = "a\"b";
    event.source = "s/é";
    event.service_type = "vm";
    event.instance = "vm-1";
    event.provider = "p";
    event.word = "SUCCEEDED";
    event.status = "STOPPED";
    event.time = Instant{1'500'000};
    event.time_source = dcm::billing::TimeSource::store;
    event.flags = {.source_not_uri = true, .time_absent = false, .time_clamped = true};
    CHECK(dcm::consumer::check_line(7, event) ==
          R"({"line":7,"verdict":"accepted","id":"a\"b","source":"s/é","service_type":"vm",)"
          R"("instance":"vm-1","provider":"p","status":"STOPPED","time":"1970-01-01T00:00:01.5Z",)"
          R"("time_source":"store","flags":["source_not_uri","time_clamped"]})");
    event.flags = {};
    const std::string line = dcm::consumer::check_line(7, event);
    CHECK(line.substr(line.find("\"flags\"")) == "\"flags\":[]}");
}

TEST_CASE("a rejected message prints its reason and detail", "[check_line]") {
    Rejection rejection;
    rejection.reason = Reason::bad_time;
    rejection.detail = "got '\\x1b'";
    rejection.source = "s";
    CHECK(dcm::consumer::check_line(2, rejection) ==
          R"({"line":2,"verdict":"rejected","reason":"bad_time","detail":"got '\\x1b'"})");
}
