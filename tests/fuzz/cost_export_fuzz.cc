// The rows of a cost export are read as a stranger's: the same is found however the text comes in
// pieces, and each finding is one line of bounded length without what moves a terminal's cursor.
//
// Input: the name of a format in a line, then the text of the file.

#include "exports/content_check.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

constexpr std::size_t kProblemBytesMax = 2'000;

struct File {
    exports::Format format;
    std::string_view text;
};

exports::CheckedContent check(const File& file, std::size_t piece) {
    exports::ContentCheck content(file.format);
    for (std::size_t at = 0; at < file.text.size(); at += piece) {
        content.read(file.text.substr(at, piece));
    }
    return content.finish();
}

void check_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        DCM_CHECK(!line.empty() && line.size() <= kProblemBytesMax);
        DCM_CHECK(std::none_of(line.begin(), line.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        }));
    }
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const auto format = exports::find_format(input.line());
    const File file{format.value_or(exports::Format::focus), input.rest()};
    const exports::CheckedContent whole = check(file, bytes.size() + 1);
    const exports::CheckedContent pieces = check(file, 1);
    DCM_CHECK(whole.rows == pieces.rows && whole.totals == pieces.totals);
    DCM_CHECK(whole.problems == pieces.problems && whole.advice == pieces.advice);
    DCM_CHECK(whole.rows <= static_cast<std::int64_t>(file.text.size()));
    std::int64_t counted = 0;
    for (const auto& [tenant, total] : whole.totals) {
        counted += total.rows;
    }
    DCM_CHECK(counted <= whole.rows);
    check_lines(whole.problems);
    check_lines(whole.advice);
}

}  // namespace dcm::fuzz
