#include "audit/state_text.h"

#include "base/encoding.h"

#include <charconv>
#include <utility>

namespace dcm::audit {

std::optional<std::string_view> take_field(std::string_view label, std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (!text.starts_with(label) || end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view value = text.substr(label.size(), end - label.size());
    text.remove_prefix(end + 1);
    return value;
}

std::optional<std::int64_t> number_in(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
    return is_whole ? std::optional(number) : std::nullopt;
}

std::string tree_lines(const Frontier& tree) {
    return "size " + std::to_string(tree.size()) + "\nfrontier " +
           hex_encode(as_bytes(tree.hashes())) + "\nroot " + to_base64(tree.root()) + "\n";
}

std::optional<Frontier> take_tree(std::string_view& text) {
    const auto size_text = take_field("size ", text);
    const auto hashes_text = take_field("frontier ", text);
    const auto root = take_field("root ", text);
    const auto size = size_text ? number_in(*size_text) : std::nullopt;
    const auto hashes = hashes_text ? hex_decode(*hashes_text) : std::nullopt;
    if (!size || !hashes || !root) {
        return std::nullopt;
    }
    Result<Frontier> tree = Frontier::restore(*size, *hashes);
    return tree.ok() ? std::optional(std::move(tree).value()) : std::nullopt;
}

std::string with_checksum(std::string text) {
    text += "sha256 " + to_hex(sha256(text)) + "\n";
    return text;
}

}  // namespace dcm::audit
