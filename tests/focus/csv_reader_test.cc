#include "focus/csv_reader.h"

#include "focus/csv_writer.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace dcm::focus {
namespace {

struct ReadCell {
    std::string text;
    bool is_null = false;

    bool operator==(const ReadCell&) const = default;
};

struct ReadFile {
    std::vector<std::vector<ReadCell>> records;
    std::string fault;
};

ReadFile read_in_pieces(std::string_view text, std::size_t size) {
    ReadFile file;
    CsvReader reader([&file](std::span<const CsvCell> cells) {
        auto& record = file.records.emplace_back();
        for (const CsvCell& cell : cells) {
            record.push_back({std::string(cell.text), cell.is_null});
        }
    });
    while (!text.empty()) {
        reader.read(text.substr(0, size));
        text.remove_prefix(std::min(size, text.size()));
    }
    reader.finish();
    file.fault = reader.fault();
    return file;
}

TEST_CASE("cells are read whatever the pieces", "[csv]") {
    const std::string text = "a,b\r\n\"x,\"\"y\"\"\r\nz\",\r\n\"\",2\r\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        INFO(size);
        const ReadFile file = read_in_pieces(text, size);
        CHECK(file.fault.empty());
        REQUIRE(file.records.size() == 3);
        CHECK(file.records[0] == std::vector<ReadCell>{{"a"}, {"b"}});
        CHECK(file.records[1] == std::vector<ReadCell>{{"x,\"y\"\r\nz"}, {"", true}});
        CHECK(file.records[2] == std::vector<ReadCell>{{"", false}, {"2"}});
    }
}

TEST_CASE("what is not RFC 4180 is a fault that names its record", "[csv]") {
    struct Case {
        std::string_view text;
        std::string_view fault;
    };
    for (const Case& c : {Case{"a,b", "record 1: expected CR LF at the end"},
                          Case{"a\r\n\"b", "record 2: expected CR LF at the end"},
                          Case{"a\n", "record 1: expected quotes around"},
                          Case{"a\"b\r\n", "record 1: expected quotes around"},
                          Case{"\"a\"b\r\n", "record 1: expected a comma or CR LF"},
                          Case{"a\r\n\n", "record 2: expected a comma or CR LF"},
                          Case{"a\rb", "record 1: expected LF after CR"}}) {
        INFO(c.text);
        CHECK(read_in_pieces(c.text, c.text.size()).fault.find(c.fault) == 0);
        CHECK(read_in_pieces(c.text, 1).fault.find(c.fault) == 0);
    }
}

TEST_CASE("a record has its limits, whatever the pieces", "[csv]") {
    const std::string largest(CsvReader::kRecordBytesMax, 'x');
    const std::string most(CsvReader::kCellsMax - 1, ',');
    for (const std::string& sound : {largest + "\r\n", '"' + largest + "\"\r\n", most + "\r\n"}) {
        CHECK(read_in_pieces(sound, 4'096).fault.empty());
    }
    for (const std::string& broken : {largest + 'x', "\"x" + largest, most + ",,"}) {
        CHECK(read_in_pieces(broken, 4'096).fault.find("record 1: expected at most") == 0);
    }
}

TEST_CASE("what is written is read again as it was", "[csv]") {
    const std::vector<std::string> values{
        "plain", "with, comma", "\"quoted\"", "two\r\nlines", "=1+1", " blank ", "ü"};
    std::string text;
    CsvWriter writer(text);
    for (const std::string& value : values) {
        writer.text(value);
    }
    writer.null();
    writer.end_row();
    const ReadFile file = read_in_pieces(text, text.size());
    REQUIRE(file.records.size() == 1);
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(file.records[0][i] == ReadCell{values[i], false});
    }
    CHECK(file.records[0].back() == ReadCell{"", true});
}

}  // namespace
}  // namespace dcm::focus
