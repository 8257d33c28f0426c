#include "base/shown.h"

#include <algorithm>

namespace dcm {
namespace {

constexpr std::size_t kShownBytesMax = 60;

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20U || byte == '\x7f';
}

}  // namespace

std::string shown(std::string_view text) {
    std::size_t size = std::min(text.size(), kShownBytesMax);
    while (0 < size && size < text.size() && continues_character(text[size])) {
        --size;
    }
    return '"' + on_one_line(text.substr(0, size)) + (size < text.size() ? "…\"" : "\"");
}

std::string on_one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(line.begin(), line.end(), is_control, ' ');
    return line;
}

}  // namespace dcm
