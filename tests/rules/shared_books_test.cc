#include "tests/rules/support.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace dcm::rules {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream input(path, std::ios::binary);
    INFO("cannot read " << path);
    REQUIRE(input.good());
    std::ostringstream text;
    text << input.rdbuf();
    return text.str();
}

std::string listed(const ParsedBook& parsed) {
    std::string text;
    for (const Problem& problem : parsed.problems) {
        text += format_problem(problem) + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("every book of the pricing cases is read without a problem", "[rules]") {
    std::istringstream lines(read_file(DCM_CASES_DIR "/pricing.jsonl"));
    std::string line;
    std::size_t count = 0;
    while (std::getline(lines, line)) {
        const auto example = nlohmann::json::parse(line);
        const std::vector<BookFile> book{{"book.json", example.at("book").dump()}};
        std::vector<BookFile> resources;
        const auto files = example.find("files");
        if (files != example.end() && files->is_object()) {
            for (const auto& [name, bytes] : files->items()) {
                resources.push_back({name, bytes.get<std::string>()});
            }
        }
        const ParsedBook parsed = parse_book(book, resources);
        INFO(example.at("name") << '\n' << listed(parsed));
        CHECK(parsed.problems.empty());
        REQUIRE(parsed.book);
        CHECK(parsed.book->rates.size() == example.at("book").at("rates").size());
        ++count;
    }
    CHECK(count > 100);
}

TEST_CASE("the default book has no problem and prices every state that is charged", "[rules]") {
    const std::vector<BookFile> files{
        {"default.yaml", read_file(DCM_SOURCE_DIR "/rules/books/default.yaml")}};
    const ParsedBook parsed = parse_book(files, {});
    INFO(listed(parsed));
    REQUIRE(parsed.book);
    CHECK(parsed.problems.empty());
    CHECK_FALSE(parsed.book->cases.empty());
    for (const auto& [type, service] : parsed.book->lifecycle.services) {
        for (const auto& [status, policy] : service.policies) {
            const auto matches = [type = type, state = policy.state](const Rate& rate) {
                return matches_any(rate.match.service_type, type) &&
                       matches_any(rate.match.state, state);
            };
            INFO(type << ' ' << status);
            CHECK((policy.kind != PolicyKind::charge ||
                   std::any_of(parsed.book->rates.begin(), parsed.book->rates.end(), matches)));
        }
    }
}

TEST_CASE("every YAML example of the guide that is a whole book has no problem", "[rules]") {
    const std::string guide = read_file(DCM_SOURCE_DIR "/docs/rules.md");
    const std::string fence = "```yaml\n";
    std::size_t count = 0;
    std::size_t at = guide.find(fence);
    while (at != std::string::npos) {
        const std::size_t start = at + fence.size();
        const std::size_t end = guide.find("```", start);
        const std::string example = guide.substr(start, end - start);
        if (example.starts_with("version:")) {
            const std::vector<BookFile> book{{"book.yaml", example}};
            const std::vector<BookFile> resources{
                {"resources.csv", "service_type,instance,tenant\n"}};
            const ParsedBook parsed = parse_book(book, resources);
            INFO(example << listed(parsed));
            CHECK(parsed.problems.empty());
            ++count;
        }
        at = guide.find(fence, end);
    }
    CHECK(count >= 2);
}

}  // namespace dcm::rules
