#include "cli/query_rows.h"

#include "base/result.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

using billing::RowFormat;
using store::QueryValue;
using Kind = store::QueryValue::Kind;

std::string printed(const std::vector<QueryValue>& row, RowFormat format) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < row.size(); ++i) {
        names.emplace_back(1, static_cast<char>('a' + static_cast<int>(i)));
    }
    QueryRows rows(names, format, 0);
    const std::string text = rows.add(row);
    return text + rows.finish();
}

TEST_CASE("JSON is exact, whatever the value", "[query_rows]") {
    CHECK(printed({{Kind::null, ""},
                   {Kind::integer, "9007199254740992"},
                   {Kind::integer, "9007199254740993"},
                   {Kind::integer, "-9007199254740992"},
                   {Kind::integer, "-9223372036854775808"},
                   {Kind::real, "0.5"},
                   {Kind::real, "-Inf"},
                   {Kind::text, "=1+1\n\x1b[31m\"\xC3\xA9"},
                   {Kind::text, "\xff"},
                   {Kind::blob, std::string("\0\xff", 2)}},
                  RowFormat::jsonl) ==
          R"({"a":null,"b":9007199254740992,"c":"9007199254740993","d":-9007199254740992,)"
          R"("e":"-9223372036854775808","f":0.5,"g":"-Inf","h":"=1+1\u000a\u001b[31m\"é",)"
          R"("i":{"base64":"/w=="},"j":"AP8="})"
          "\n");
    CHECK(printed({{Kind::integer, "1"}}, RowFormat::json) == "[\n{\"a\":1}\n]\n");
}

TEST_CASE("fault 92: CSV disarms formulas in texts and leaves numbers alone", "[query_rows]") {
    CHECK(printed({{Kind::text, "=cmd|' /C calc'!A0"},
                   {Kind::text, "-1"},
                   {Kind::integer, "-1"},
                   {Kind::real, "-1.5"},
                   {Kind::text, "\n=1"},
                   {Kind::text, " =1"},
                   {Kind::text,
                    "\xEF\xBC\x9D"
                    "1"},
                   {Kind::null, ""}},
                  RowFormat::csv) ==
          "a,b,c,d,e,f,g,h\r\n'=cmd|' /C calc'!A0,'-1,-1,-1.5,\"'\n=1\",' =1,'\xEF\xBC\x9D"
          "1,\r\n");
}

TEST_CASE("a table shows no escape and aligns numbers to the right", "[query_rows]") {
    CHECK(printed({{Kind::integer, "5"}, {Kind::text, std::string("\x1b[2J\xE2\x80") + "\xAEx"}},
                  RowFormat::table) == "a  b\n5  \\x1b[2J\\u202ex\n");
}

TEST_CASE("an answer without rows has its columns still", "[query_rows]") {
    const std::vector<std::string> names{"a", "b"};
    CHECK(QueryRows(names, RowFormat::csv, 0).finish() == "a,b\r\n");
    CHECK(QueryRows(names, RowFormat::table, 0).finish() == "a  b\n");
    CHECK(QueryRows(names, RowFormat::json, 0).finish() == "[]\n");
    CHECK(QueryRows(names, RowFormat::jsonl, 0).finish().empty());
}

TEST_CASE("two columns of one name are fine but in JSON", "[query_rows]") {
    const std::vector<std::string> names{"a", "a"};
    CHECK(QueryRows(names, RowFormat::csv, 0).finish() == "a,a\r\n");
    CHECK_THROWS_AS(QueryRows(names, RowFormat::json, 0), Failure);
    CHECK_THROWS_AS(QueryRows(names, RowFormat::jsonl, 0), Failure);
}

}  // namespace
}  // namespace dcm::cli
