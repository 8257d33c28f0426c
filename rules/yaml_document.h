#pragma once

#include "rules/book_file.h"
#include "rules/problems.h"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::rules {

enum class YamlKind { null, scalar, list, map };

// What is read of a YAML file: plain values with their places. An alias is its anchor's node again,
// so a tree of limited size is walked, whatever the file says.
struct YamlNode {
    using Member = std::pair<const YamlNode*, const YamlNode*>;

    YamlKind kind = YamlKind::null;
    // Not a plain scalar: "0.1" and not 0.1.
    bool quoted = false;
    std::size_t offset = 0;
    std::string text;                    // scalar
    std::vector<const YamlNode*> items;  // list
    std::vector<Member> members;         // map: every key is a scalar, none comes twice

    // Of this node with all below it, aliases expanded.
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    std::size_t height = 0;
};

// One YAML document. Moving it leaves the nodes where they are.
struct YamlDocument {
    YamlDocument() = default;
    YamlDocument(const YamlDocument&) = delete;
    YamlDocument& operator=(const YamlDocument&) = delete;
    YamlDocument(YamlDocument&&) = default;
    YamlDocument& operator=(YamlDocument&&) = default;
    ~YamlDocument() = default;

    std::deque<YamlNode> arena;
    // nullptr when the file was refused as a whole.
    const YamlNode* root = nullptr;
};

// Of the file, and of the scalars with aliases expanded.
inline constexpr std::size_t kYamlBytesMax = 1'048'576;
// Of a document that uses aliases, expanded; keys count like values.
inline constexpr std::size_t kYamlAliasedNodesMax = 10'000;
// Of a document that uses none.
inline constexpr std::size_t kYamlNodesMax = 50'000;
inline constexpr std::size_t kYamlDepthMax = 32;

// Reads a file that holds one YAML document (JSON is YAML). Text faults, syntax, more than one
// document and passed limits refuse the file; duplicate keys, keys that are no scalars and tags are
// told and passed over.
[[nodiscard]] YamlDocument read_yaml(const BookFile& file, Problems& problems);

}  // namespace dcm::rules
