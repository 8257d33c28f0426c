#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "base/zone.h"
#include "rules/problems.h"
#include "rules/rulebook.h"
#include "rules/yaml_document.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

using KnownWords = std::span<const std::string_view>;

// Decimals that may be below zero, and those that may not.
enum class Sign { any, not_negative, positive };

// Digits after the point of a decimal in a book.
inline constexpr unsigned kDecimalsMax = 12;

// The first instant of a date or month in the zone, or RFC 3339.
[[nodiscard]] Result<Instant> parse_bound(std::string_view text, const Zone& zone);

// Reads values of one file. What is not as expected becomes a problem at its place and an empty
// result, so that reading goes on and finds the other problems.
class YamlReader {
public:
    YamlReader(const BookFile& file, Problems& problems) : file_(&file), problems_(&problems) {}

    [[nodiscard]] const BookFile& file() const { return *file_; }

    void problem(const YamlNode& at, std::string message) const;
    // "expected …, got …"
    void unexpected(const YamlNode& at, std::string_view expected) const;

    // Whether the node is a map; tells members it may not have.
    [[nodiscard]] bool check_map(const YamlNode& node,
                                 std::string_view what,
                                 KnownWords keys) const;
    // The required member, told when it is absent.
    [[nodiscard]] const YamlNode* require(const YamlNode& map, std::string_view key) const;

    // The members of a map and the items of a list; none, and told, when it is something else.
    [[nodiscard]] std::span<const YamlNode::Member> members(const YamlNode& node,
                                                            std::string_view expected) const;
    [[nodiscard]] std::span<const YamlNode* const> items(const YamlNode& node,
                                                         std::string_view expected) const;

    // A scalar that is not empty.
    [[nodiscard]] std::optional<std::string> text(const YamlNode& node,
                                                  std::string_view expected) const;
    // Its index among the words.
    [[nodiscard]] std::optional<std::size_t> choice(const YamlNode& node,
                                                    std::string_view what,
                                                    KnownWords words) const;
    [[nodiscard]] std::optional<bool> boolean(const YamlNode& node) const;
    // A quoted decimal with at most kDecimalsMax decimals.
    [[nodiscard]] std::optional<Decimal> decimal(const YamlNode& node, Sign sign) const;
    // `12.5%` as 0.125; 0% to 100%.
    [[nodiscard]] std::optional<Decimal> percentage(const YamlNode& node) const;
    [[nodiscard]] std::optional<Duration> duration(const YamlNode& node, Sign sign) const;
    [[nodiscard]] std::optional<Instant> bound(const YamlNode& node, const Zone& zone) const;
    // One pattern or a list of them.
    [[nodiscard]] Patterns patterns(const YamlNode& node) const;

private:
    [[nodiscard]] std::optional<Decimal> quoted_decimal(const YamlNode& node) const;

    const BookFile* file_;
    Problems* problems_;
};

// The member of a map; nullptr when it is absent.
[[nodiscard]] const YamlNode* find_member(const YamlNode& map, std::string_view key);

}  // namespace dcm::rules
