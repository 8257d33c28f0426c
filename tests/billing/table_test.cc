#include "billing/table.h"

#include "billing/terminal_text.h"

#include <catch2/catch.hpp>

#include <sstream>

namespace dcm::billing {
namespace {

TEST_CASE("a table aligns numbers to the right and leaves no trailing blanks", "[table]") {
    Table table({{"name"}, {"cost", Align::right}, {"note"}});
    table.add_row({"a", "12.5", ""});
    table.add_row({"straße", "3", "x"});
    CHECK(table.text(0) ==
          "name    cost  note\n"
          "a       12.5\n"
          "straße     3  x\n");
    CHECK(Table({{"name"}}).text(80) == "name\n");
    // Nor as blocks, which leave out what is empty.
    CHECK(table.text(10) ==
          "name  a\ncost  12.5\n"
          "\n"
          "name  straße\ncost  3\nnote  x\n");
}

TEST_CASE("a table fits the terminal and never splits a number", "[table]") {
    Table table({{"provider"}, {"instance"}, {"cost", Align::right}});
    table.add_row(
        {"a-provider-with-a-long-name", "an-instance-longer-than-its-provider", "1234567.891"});
    table.add_row({"数据中心数据中心数据中心数据中心", "b", "2"});
    for (const std::size_t width : {200U, 80U, 69U}) {
        INFO("width " << width);
        const std::string text = table.text(width);
        std::istringstream lines(text);
        std::string line;
        std::size_t count = 0;
        while (std::getline(lines, line)) {
            CHECK(display_width(line) <= width);
            ++count;
        }
        CHECK(count == 3);
        CHECK(text.find("1234567.891") != std::string::npos);
    }
    CHECK(table.text(69) ==
          "provider                     instance                            cost\n"
          "a-provider-with-a-long-name  an-instance-longer-than-it…  1234567.891\n"
          "数据中心数据中心数据中心数…  b                                      2\n");
    // One column less: every row becomes a block, in which nothing is cut.
    CHECK(table.text(68) ==
          "provider  a-provider-with-a-long-name\n"
          "instance  an-instance-longer-than-its-provider\n"
          "cost      1234567.891\n"
          "\n"
          "provider  数据中心数据中心数据中心数据中心\n"
          "instance  b\n"
          "cost      2\n");
    // What is empty is left out there.
    table.add_row({"", "c", "3"});
    CHECK_THAT(table.text(68), Catch::EndsWith("\n\ninstance  c\ncost      3\n"));
}

TEST_CASE("a time, an id and a heading are never cut to a few letters", "[table]") {
    Table table({{"service_type"}, {"instance"}, {"since"}, {"opened_by_source"}, {"flags"}});
    table.add_row({"container",
                   "0b8d5d6e-9c5e-4b5e-8a51-3f1f0a8f6c11",
                   "2026-05-01T10:00:00.000001Z",
                   "dcm/providers/kubevirt",
                   ""});
    for (std::size_t width = 1; width <= 140; ++width) {
        INFO("width " << width);
        const std::string text = table.text(width);
        for (const std::string_view whole : {"service_type",
                                             "container",
                                             "2026-05-01T10:00:00.000001Z",
                                             "dcm/providers/kubevirt"}) {
            CHECK_THAT(text, Catch::Contains(std::string(whole)));
        }
        CHECK_THAT(text, Catch::Contains("0b8d5d6e-9c5e-4b5e-8a51-3f"));
    }
}

TEST_CASE("a block folds what is longer than the terminal below its own beginning", "[table]") {
    Table table({{"time"}, {"effect"}});
    table.add_row({"2026-05-01T10:00:00Z", "opens RUNNING, which ends with the next status"});
    CHECK(table.text(30) ==
          "time    2026-05-01T10:00:00Z\n"
          "effect  opens RUNNING, which\n"
          "        ends with the next\n"
          "        status\n");
}

TEST_CASE("nothing in a cell can move the cursor or turn the text", "[table]") {
    struct Row {
        std::string text;
        std::string_view shown;
    };
    for (const Row& row : {Row{"plain ä 数 🙂", "plain ä 数 🙂"},
                           {"\x1b[31mred", "\\x1b[31mred"},
                           {"a\nb\tc\rd", R"(a\nb\tc\rd)"},
                           {std::string("nul\0", 4), "nul\\x00"},
                           {"\x7f", "\\x7f"},
                           {"\u0085\u009b", "\\u0085\\u009b"},
                           {"\u202egnp\u202c\u2066\u2069", R"(\u202egnp\u202c\u2066\u2069)"},
                           {"\u200b\ufeff", "\\u200b\\ufeff"},
                           {"\U000e0041", "\\U000e0041"},
                           {"\xff\xc3", "\\xff\\xc3"},
                           {"\xf4\x90\x80", R"(\xf4\x90\x80)"},
                           {"a\u0301", "a\u0301"}}) {
        CHECK(visible_text(row.text) == row.shown);
    }
    Table table({{"name"}});
    table.add_row({"\x1b]0;title\x07"});
    CHECK(table.text(0) == "name\n\\x1b]0;title\\x07\n");
}

TEST_CASE("a text is cut by the columns it takes", "[table]") {
    CHECK(cut_to_width("abc", 3) == "abc");
    CHECK(cut_to_width("abcd", 3) == "ab…");
    CHECK(cut_to_width("abcd", 1) == "…");
    CHECK(cut_to_width("数据", 3) == "数…");
    CHECK(cut_to_width("数据", 2) == "…");
    CHECK(cut_to_width("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
    CHECK(display_width("数a\u0301") == 3);
}

TEST_CASE("a text folds at blanks below its beginning, and no word is broken", "[table]") {
    CHECK(fold({"head  ", "one two three"}, 80) == "head  one two three\n");
    CHECK(fold({"head  ", "one two three"}, 0) == "head  one two three\n");
    CHECK(fold({"head  ", "one two three"}, 13) == "head  one two\n      three\n");
    CHECK(fold({"head  ", "one two three"}, 12) == "head  one\n      two\n      three\n");
    CHECK(fold({"head  ", "0123456789 数据 b"}, 12) == "head  0123456789\n      数据 b\n");
    CHECK(fold({"head  ", ""}, 12) == "head\n");
    CHECK(fold({"", "a b"}, 1) == "a\nb\n");
}

TEST_CASE("CSV follows RFC 4180 and disarms formulas in texts", "[table]") {
    struct Row {
        std::string cell;
        std::string_view csv;
    };
    for (const Row& row : {Row{"plain", "plain"},
                           {"a,b", "\"a,b\""},
                           {R"(say "hi")", R"("say ""hi""")"},
                           {"two\nlines", "\"two\nlines\""},
                           {"=1+1", "'=1+1"},
                           {"+1", "'+1"},
                           {"-1", "'-1"},
                           {"@x", "'@x"},
                           {"\tx", "'\tx"},
                           {"\rx", "\"'\rx\""},
                           {R"(=a,"b")", R"("'=a,""b""")"},
                           {"\n=x", "\"'\n=x\""},
                           {"  =x", "'  =x"},
                           {"\xEF\xBC\x9Dx", "'\xEF\xBC\x9Dx"},
                           {"\xEF\xBC\xA0x", "'\xEF\xBC\xA0x"},
                           {"  x", "  x"},
                           {" ", " "},
                           {"a=b", "a=b"},
                           {"", ""}}) {
        Table table({{"name"}, {"cost", Align::right}});
        table.add_row({row.cell, "-1.5"});
        CHECK(table.csv() == "name,cost\r\n" + std::string(row.csv) + ",-1.5\r\n");
    }
}

}  // namespace
}  // namespace dcm::billing
