#include "rules/text_place.h"

#include "base/encoding.h"

namespace dcm::rules {

std::optional<std::size_t> line_not_utf8(std::string_view bytes) {
    if (is_utf8(bytes)) {
        return std::nullopt;
    }
    std::size_t start = 0;
    std::size_t end = bytes.find('\n');
    while (end != std::string_view::npos && is_utf8(bytes.substr(start, end - start))) {
        start = end + 1;
        end = bytes.find('\n', start);
    }
    return start;
}

}  // namespace dcm::rules
