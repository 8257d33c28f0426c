#include "rules/resource_file.h"

#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

struct Read {
    std::vector<Resource> entries;
    std::vector<Problem> problems;
};

Read read(const std::string& name, const std::string& bytes) {
    const BookFile file{name, bytes};
    Problems problems;
    std::vector<Resource> entries =
        read_resource_file(file, Zone::find("Europe/Berlin").value(), problems);
    return {std::move(entries), std::move(problems).sorted()};
}

std::vector<Resource> entries_of(const std::string& name, const std::string& bytes) {
    const Read result = read(name, bytes);
    INFO((result.problems.empty() ? "" : format_problem(result.problems[0])));
    CHECK(result.problems.empty());
    return result.entries;
}

void check_read(const std::string& name,
                const std::string& bytes,
                const std::vector<Expected>& expected) {
    const Read result = read(name, bytes);
    INFO(bytes.substr(0, 200));
    REQUIRE(result.problems.size() == expected.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
        INFO(format_problem(result.problems[index]));
        CHECK(result.problems[index].file == name);
        CHECK(result.problems[index].line == expected[index].line);
        CHECK(result.problems[index].column == expected[index].column);
        CHECK_THAT(result.problems[index].message, Catch::Contains(expected[index].message));
    }
}

}  // namespace

TEST_CASE("a CSV file is read by its columns, in any order", "[rules]") {
    const auto entries =
        entries_of("r.csv",
                   "tenant,service_type,label:flavor,instance,valid_to,valid_from\n"
                   "acme,vm,m1.small,a,2026-07,2026-01-01\n"
                   ",vm,,b,,\n");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].service_type == "vm");
    CHECK(entries[0].instance == "a");
    CHECK(entries[0].tenant == "acme");
    CHECK(entries[0].labels == Labels{{"flavor", "m1.small"}});
    CHECK(entries[0].valid_from == instant("2025-12-31T23:00:00Z"));
    CHECK(entries[0].valid_to == instant("2026-06-30T22:00:00Z"));
    CHECK(entries[1].tenant.empty());
    CHECK(entries[1].labels.empty());
    CHECK_FALSE(entries[1].valid_from);
    CHECK_FALSE(entries[1].valid_to);
}

TEST_CASE("an entry knows the line that it begins on", "[rules]") {
    const auto lines_of = [](const std::string& name, const std::string& bytes) {
        std::vector<std::size_t> lines;
        for (const Resource& entry : entries_of(name, bytes)) {
            lines.push_back(entry.line);
        }
        return lines;
    };
    using Lines = std::vector<std::size_t>;
    CHECK(lines_of("r.csv", "service_type,instance,tenant\r\n\r\nvm,a,\"ac\nme\"\r\nvm,b,x\n") ==
          Lines{3, 5});
    CHECK(lines_of("r.yaml",
                   "- &a {service_type: vm, instance: a}\n# b\n- service_type: vm\n  instance: "
                   "b\n- *a\n") == Lines{1, 3, 1});
}

TEST_CASE("quotes, line ends and blank lines of CSV are read as RFC 4180 has them", "[rules]") {
    const auto entries = entries_of("r.csv",
                                    "service_type,instance,tenant\r\n"
                                    "vm,\"a\",\"Big, \"\"Blue\"\"\nand Co\"\r\n"
                                    "\r\n"
                                    "vm,b,\"\"");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].tenant == "Big, \"Blue\"\nand Co");
    CHECK(entries[1].instance == "b");
    CHECK(entries[1].tenant.empty());
}

TEST_CASE("what is wrong with a CSV file is told with its place", "[rules]") {
    const std::string head = "service_type,instance,tenant,valid_from,valid_to\n";
    check_read("r.csv",
               "",
               {{1, 1, "unknown column \"\""},
                {1, 1, "column \"service_type\""},
                {1, 1, "column \"instance\""}});
    check_read("r.csv",
               "service_type,instance,tennant\n",
               {{1, 23, "unknown column \"tennant\"; did you mean \"tenant\"?"}});
    check_read("r.csv", "service_type,instance,label:\n", {{1, 23, "unknown column \"label:\""}});
    check_read("r.csv", "service_type,instance,instance\n", {{1, 23, "each column once"}});
    check_read("r.csv", "service_type,tenant\n", {{1, 1, "a column \"instance\", got none"}});
    check_read("r.csv", head + "vm,a\n", {{2, 1, "expected 5 fields, got 2"}});
    check_read("r.csv", head + "vm,a,t,,,x\n", {{2, 1, "expected 5 fields, got 6"}});
    check_read("r.csv",
               head + ",,t,,\n",
               {{2, 1, "a value for service_type"}, {2, 2, "a value for instance"}});
    check_read("r.csv",
               head + "vm,a,t,soon,\nvm,ü,t,,2026-02-30\n",
               {{2, 8, "a date, a month"}, {3, 9, "a date, a month"}});
    check_read(
        "r.csv", head + "vm,a,t,2026-05,2026-05-01\n", {{2, 1, "valid_to after valid_from"}});
    check_read("r.csv",
               head + "vm,\"a\"b,t,,\nvm,c\n",
               {{2, 1, "got 2"}, {2, 7, "a comma or the end of the line"}, {3, 1, "got 2"}});
    check_read("r.csv", head + "vm,\"a,t,,\n", {{2, 1, "got 2"}, {2, 4, "a closing quote"}});
    check_read("r.csv", std::string("a\0", 2), {{1, 2, "NUL"}});
    check_read("r.csv", "\xEF\xBB\xBF" + head, {{1, 1, "byte order mark"}});
    check_read("r.csv", head + "vm,\xff,t,,\n", {{2, 1, "UTF-8"}});
}

TEST_CASE("a CSV file is limited to 16 mebibytes", "[rules]") {
    const std::string head = "service_type,instance\n";
    const std::string blank(kCsvBytesMax - head.size(), '\n');
    CHECK(entries_of("r.csv", head + blank).empty());
    const Read result = read("r.csv", head + blank + "\n");
    REQUIRE(result.problems.size() == 1);
    CHECK_THAT(result.problems[0].message, Catch::Contains("16777216 bytes"));
}

TEST_CASE("a CSV file is limited to 256 columns, of a longer line only the length is kept",
          "[rules]") {
    std::string head = "service_type,instance";
    for (std::size_t column = 2; column < kCsvColumnsMax; ++column) {
        head += ",label:l" + std::to_string(column);
    }
    const std::string labels(kCsvColumnsMax - 2, ',');
    CHECK(entries_of("r.csv", head + "\nvm,a" + labels + "\n").size() == 1);
    check_read("r.csv", head + ",tenant\n", {{1, 1, "at most 256 columns in a CSV file, got 257"}});
    const std::string commas(1'000'000, ',');
    check_read("r.csv", commas, {{1, 1, "got 1000001"}});
    check_read("r.csv",
               "service_type,instance\n" + commas + "\nvm\n",
               {{2, 1, "expected 2 fields, got 1000001"}, {3, 1, "expected 2 fields, got 1"}});
}

TEST_CASE("a CSV file is limited to 500,000 entries", "[rules]") {
    std::string text = "service_type,instance\n";
    for (std::size_t entry = 0; entry < kCsvEntriesMax; ++entry) {
        text += "v,i\n";
    }
    // All of them are read; what stands behind the one too many is not looked at.
    const Read result = read("r.csv", text + "v,i\nv\n");
    CHECK(result.entries.size() == kCsvEntriesMax);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].line == 500'002);
    CHECK_THAT(result.problems[0].message, Catch::Contains("at most 500000 entries in a CSV file"));
}

TEST_CASE("a YAML file lists the same entries", "[rules]") {
    for (const std::string name : {"r.yaml", "r.yml", "r.json"}) {
        const auto entries =
            entries_of(name,
                       "[{\"service_type\": \"vm\", \"instance\": \"a\", \"tenant\": "
                       "\"acme\", \"labels\": {\"flavor\": \"m1\"}, \"valid_from\": "
                       "\"2026-01-01\", \"valid_to\": \"2026-07\"}]");
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].service_type == "vm");
        CHECK(entries[0].instance == "a");
        CHECK(entries[0].tenant == "acme");
        CHECK(entries[0].labels == Labels{{"flavor", "m1"}});
        CHECK(entries[0].valid_from == instant("2025-12-31T23:00:00Z"));
        CHECK(entries[0].valid_to == instant("2026-06-30T22:00:00Z"));
    }
}

TEST_CASE("what is wrong with a YAML file of resources is told with its place", "[rules]") {
    check_read("r.yaml", "{}\n", {{1, 1, "a list of resources"}});
    check_read("r.yaml", "- x\n", {{1, 3, "a resource, which is a map"}});
    check_read("r.yaml", "- {}\n", {{1, 3, "key \"service_type\""}, {1, 3, "key \"instance\""}});
    check_read("r.yaml",
               "- {service_type: vm, instance: a, label: {}}\n",
               {{1, 35, "did you mean \"labels\"?"}});
    check_read("r.yaml",
               "- {service_type: vm, instance: a, labels: {a: []}}\n",
               {{1, 47, "a label's value"}});
    check_read("r.yaml",
               "- {service_type: vm, instance: a, valid_from: 2026-05, valid_to: 2026-05-01}\n",
               {{1, 3, "valid_to after valid_from"}});
    check_read("r.yaml", "- [\n", {{2, 1, "expected YAML"}});
}

}  // namespace dcm::rules
