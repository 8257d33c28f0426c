#include "billing/formula.h"

#include <algorithm>
#include <array>

namespace dcm::billing {
namespace {

constexpr std::string_view kStarts = "=+-@\t\r\n";
// Their full-width forms, which some spreadsheets read as the same.
constexpr std::array<std::string_view, 4> kWideStarts{
    "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

}  // namespace

bool reads_as_formula(std::string_view text) {
    // Spaces in front are passed over, as spreadsheets may do.
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const bool is_narrow = !text.empty() && kStarts.find(text.front()) != std::string_view::npos;
    return is_narrow ||
           std::any_of(kWideStarts.begin(), kWideStarts.end(), [text](std::string_view start) {
               return text.starts_with(start);
           });
}

}  // namespace dcm::billing
