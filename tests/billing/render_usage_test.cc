#include "billing/render_usage.h"

#include "billing/json_text.h"
#include "case_book.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

std::string printed_usage(RowFormat format, std::size_t rows) {
    std::string out;
    UsagePrinter printer(format, 0, [&](std::string_view text) { out += text; });
    const InstanceKey key{"vm", "a\"b"};
    const Interval closed{.provider = "=p",
                          .state = "RUNNING",
                          .start = at("2026-05-01"),
                          .end = at("2026-05-01T00:00:01.5Z"),
                          .opened_by = 1,
                          .closed_by = 2};
    Interval open = closed;
    open.end.reset();
    for (std::size_t row = 0; row < rows; ++row) {
        if (row == 0) {
            printer.add({key, closed, {"s", "1"}, Publication{"s", "2"}, true});
        } else {
            printer.add({key, open, {"s", "1"}, std::nullopt, false});
        }
    }
    printer.finish();
    return out;
}

constexpr std::string_view kClosedJson =
    R"({"service_type":"vm","instance":"a\"b","provider":"=p","state":"RUNNING",)"
    R"("start":"2026-05-01T00:00:00Z","end":"2026-05-01T00:00:01.5Z","seconds":"1.5",)"
    R"("opened_by":{"source":"s","id":"1"},"closed_by":{"source":"s","id":"2"},"flags":["doubtful"]})";
constexpr std::string_view kOpenJson =
    R"({"service_type":"vm","instance":"a\"b","provider":"=p","state":"RUNNING",)"
    R"("start":"2026-05-01T00:00:00Z","end":null,"seconds":null,)"
    R"("opened_by":{"source":"s","id":"1"},"closed_by":null,"flags":[]})";

TEST_CASE("usage is printed in every format", "[usage]") {
    const std::string closed(kClosedJson);
    const std::string open(kOpenJson);
    CHECK(printed_usage(RowFormat::jsonl, 2) == closed + '\n' + open + '\n');
    CHECK(printed_usage(RowFormat::jsonl, 0).empty());
    CHECK(printed_usage(RowFormat::json, 2) == "[\n" + closed + ",\n" + open + "\n]\n");
    CHECK(printed_usage(RowFormat::json, 0) == "[]\n");
    CHECK(printed_usage(RowFormat::csv, 2) ==
          "service_type,instance,provider,state,start,end,seconds,opened_by_source,opened_by_id,"
          "closed_by_source,closed_by_id,flags\r\n"
          "vm,\"a\"\"b\",'=p,RUNNING,2026-05-01T00:00:00Z,2026-05-01T00:00:01.5Z,1.5,s,1,s,2,"
          "doubtful\r\n"
          "vm,\"a\"\"b\",'=p,RUNNING,2026-05-01T00:00:00Z,,,s,1,,,\r\n");
    CHECK(
        printed_usage(RowFormat::table, 2) ==
        "service_type  instance  provider  state    start                 end                     "
        "seconds  flags\n"
        "vm            a\"b       =p        RUNNING  2026-05-01T00:00:00Z  "
        "2026-05-01T00:00:01.5Z      1.5  doubtful\n"
        "vm            a\"b       =p        RUNNING  2026-05-01T00:00:00Z\n");
}

TEST_CASE("instances are printed with the members of the contract", "[usage]") {
    InstanceSummary summary;
    summary.provider = "p";
    summary.status = "STOPPED";
    summary.since = at("2026-05-01");
    summary.last.time = at("2026-05-02");
    summary.events = 3;
    const auto print = [&](RowFormat format) {
        std::string out;
        InstancePrinter printer(format, 0, [&](std::string_view text) { out += text; });
        printer.add({"vm", "a"}, summary);
        printer.finish();
        return out;
    };
    CHECK(print(RowFormat::jsonl) ==
          R"({"service_type":"vm","instance":"a","provider":"p","status":"STOPPED",)"
          R"("since":"2026-05-01T00:00:00Z","last_seen":"2026-05-02T00:00:00Z","events":3})"
          "\n");
    CHECK(print(RowFormat::csv) ==
          "service_type,instance,provider,status,since,last_seen,events\r\n"
          "vm,a,p,STOPPED,2026-05-01T00:00:00Z,2026-05-02T00:00:00Z,3\r\n");
}

TEST_CASE("a source that repeats its state is silent one microsecond after its limit", "[usage]") {
    const Heartbeats heartbeats{{"kubevirt.localhost", Duration{60 * kMicrosPerSecond}}};
    const Instant last = at("2026-05-01");
    const Instant limit = last + Duration{60 * kMicrosPerSecond};
    CHECK_FALSE(is_silent({"kubevirt.localhost", last}, heartbeats, limit));
    CHECK(is_silent({"kubevirt.localhost", last}, heartbeats, limit + Duration{1}));
    CHECK_FALSE(is_silent({"another", last}, heartbeats, limit + Duration{1}));
}

TEST_CASE("JSON strings are escaped", "[usage]") {
    CHECK(json_string("a\"b\\c\n\x01\x7fä") == "\"a\\\"b\\\\c\\u000a\\u0001\x7fä\"");
    CHECK(json_string("") == "\"\"");
    CHECK(JsonObject().text() == "{}");
}

}  // namespace
}  // namespace dcm::billing
