#include "rules/yaml_document.h"

#include "rules/text_place.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

namespace dcm::rules {
namespace {

// A reason to read no further. It leaves the parser the only way there is.
struct Refusal {
    std::size_t offset = 0;
    std::string message;
};

std::string limit_text(std::string_view what, std::size_t limit) {
    return "expected at most " + std::to_string(limit) + ' ' + std::string(what);
}

// The parser keeps every token of a flow collection until it closes, so what a file may hold of
// them is limited beforehand. This counts too much in strings and comments: the limit leaves room.
constexpr std::size_t kIndicatorsMax = 150'000;

std::optional<Refusal> too_many_indicators(std::string_view bytes) {
    constexpr std::string_view indicators = "[]{},:?&*!\n";
    std::size_t quotes = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const char c = bytes[at];
        quotes += static_cast<std::size_t>(c == '"' || c == '\'');
        count += static_cast<std::size_t>(indicators.find(c) != std::string_view::npos);
        if (count + quotes / 2 > kIndicatorsMax) {
            return Refusal{at, limit_text("YAML indicators and lines in a file", kIndicatorsMax)};
        }
    }
    return std::nullopt;
}

// Bytes that YAML does not allow, and those that yaml-cpp takes for the end of the file.
std::optional<Refusal> bad_text(std::string_view bytes) {
    const auto* const control = std::find_if(bytes.data(), bytes.data() + bytes.size(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20U && c != '\t' && c != '\n' && c != '\r') || byte == 0x7fU;
    });
    if (control != bytes.data() + bytes.size()) {
        const auto offset = static_cast<std::size_t>(control - bytes.data());
        return Refusal{offset,
                       *control == '\0' ? "expected text, got a NUL byte"
                                        : "expected text, got a control character"};
    }
    const std::size_t mark = bytes.find("\xEF\xBB\xBF");
    if (mark != std::string_view::npos) {
        return Refusal{mark, "expected UTF-8 without a byte order mark, got one"};
    }
    if (const auto line = line_not_utf8(bytes)) {
        return Refusal{*line, "expected UTF-8, got other bytes in this line"};
    }
    return std::nullopt;
}

std::optional<Refusal> bad_bytes(std::string_view bytes) {
    if (bytes.size() > kYamlBytesMax) {
        return Refusal{kYamlBytesMax, limit_text("bytes in a YAML file", kYamlBytesMax)};
    }
    std::optional<Refusal> refusal = bad_text(bytes);
    return refusal ? refusal : too_many_indicators(bytes);
}

std::size_t offset_of(const YAML::Mark& mark) {
    return mark.is_null() ? 0 : static_cast<std::size_t>(std::max(mark.pos, 0));
}

constexpr std::string_view kBlanks = " \t\r\n";

// Whether a scalar's text is not quoted at its beginning, or finds its closing quote.
bool is_closed(std::string_view text) {
    const char quote = text.empty() ? '\0' : text.front();
    if (quote != '"' && quote != '\'') {
        return true;
    }
    for (std::size_t at = 1; at < text.size(); ++at) {
        const bool doubled = quote == '\'' && text.substr(at, 2) == "''";
        if (doubled || (quote == '"' && text[at] == '\\')) {
            ++at;
        } else if (text[at] == quote) {
            return true;
        }
    }
    return false;
}

// Makes nodes of the parser's events and stops it at the limits: nothing is built that is refused.
class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(const BookFile& file, Problems& problems, YamlDocument& document)
        : file_(file), problems_(problems), document_(document) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (document_.root != nullptr) {
            throw Refusal{offset_of(mark), "expected one YAML document, got another one after it"};
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode& node = make_node(mark, YamlKind::null);
        if (!open_.empty() && open_.back().key != nullptr) {
            // Its mark is that of whatever comes next.
            node.offset = open_.back().key->offset;
        }
        remember(anchor, node);
        place(node);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        aliased_ = true;
        const auto target = anchors_.find(anchor);
        if (target == anchors_.end()) {
            throw Refusal{offset_of(mark),
                          "expected an alias of a finished value, got one that "
                          "stands inside its own anchor"};
        }
        const YamlNode& node = *target->second;
        check_depth(node, offset_of(mark));
        grow({node.nodes, node.bytes}, offset_of(mark));
        place(node);
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode& node = make_node(mark, YamlKind::scalar);
        check_tag(node, tag);
        grow({0, value.size()}, node.offset);
        node.text = value;
        node.bytes = value.size();
        node.quoted = tag != "?";
        if (node.text.find('\0') != std::string::npos) {
            problem(node, "expected text, got a NUL character");
        }
        remember(anchor, node);
        place(node);
        last_scalar_ = &node;
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(mark, YamlKind::list, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(mark, YamlKind::map, tag, anchor);
    }
    void OnMapEnd() override { close(); }

    // yaml-cpp takes the end of the file for a missing closing quote.
    void check_last_quote() const {
        if (last_scalar_ != nullptr && !is_closed(quoted_part(last_scalar_->offset))) {
            throw Refusal{last_scalar_->offset,
                          "expected a closing quote, got the end of the file"};
        }
    }

private:
    struct Size {
        std::size_t nodes;
        std::size_t bytes;
    };
    struct Open {
        YamlNode* node;
        YAML::anchor_t anchor;
        // A map's key whose value comes next.
        const YamlNode* key = nullptr;
    };

    // From the opening quote of the scalar at `offset`, behind its anchor.
    [[nodiscard]] std::string_view quoted_part(std::size_t offset) const {
        std::string_view text = std::string_view(file_.bytes).substr(offset);
        if (text.starts_with('&')) {
            text.remove_prefix(std::min(text.find_first_of(kBlanks), text.size()));
            text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
        }
        return text;
    }

    void problem(const YamlNode& node, std::string message) {
        problems_.add(file_, node.offset, std::move(message));
    }

    YamlNode& make_node(const YAML::Mark& mark, YamlKind kind) {
        grow({1, 0}, offset_of(mark));
        YamlNode& node = document_.arena.emplace_back();
        node.kind = kind;
        node.offset = offset_of(mark);
        return node;
    }

    void grow(Size added, std::size_t offset) {
        nodes_ += added.nodes;
        bytes_ += added.bytes;
        if (aliased_ && nodes_ > kYamlAliasedNodesMax) {
            throw Refusal{
                offset,
                limit_text("nodes in a document, its aliases expanded", kYamlAliasedNodesMax)};
        }
        if (nodes_ > kYamlNodesMax) {
            throw Refusal{offset, limit_text("nodes in a document", kYamlNodesMax)};
        }
        if (bytes_ > kYamlBytesMax) {
            throw Refusal{offset,
                          limit_text("bytes in a document, its aliases expanded", kYamlBytesMax)};
        }
    }

    void check_depth(const YamlNode& node, std::size_t offset) const {
        if (open_.size() + node.height > kYamlDepthMax) {
            throw Refusal{offset, limit_text("levels of nesting", kYamlDepthMax)};
        }
    }

    void check_tag(const YamlNode& node, const std::string& tag) {
        const bool spelled = node.offset < file_.bytes.size() && file_.bytes[node.offset] == '!';
        if (spelled || (tag != "?" && tag != "!")) {
            const std::string_view source = std::string_view(file_.bytes).substr(node.offset);
            problem(node,
                    "expected a value without a tag, got " +
                        shown(source.substr(0, source.find_first_of(kBlanks))));
        }
    }

    void remember(YAML::anchor_t anchor, const YamlNode& node) {
        if (anchor != YAML::NullAnchor) {
            anchors_[anchor] = &node;
        }
    }

    void open(const YAML::Mark& mark,
              YamlKind kind,
              const std::string& tag,
              YAML::anchor_t anchor) {
        YamlNode& node = make_node(mark, kind);
        node.height = 1;
        check_depth(node, node.offset);
        check_tag(node, tag);
        open_.push_back({&node, anchor});
    }

    void close() {
        const Open done = open_.back();
        open_.pop_back();
        remember(done.anchor, *done.node);
        if (done.node->kind == YamlKind::map) {
            drop_bad_members(*done.node);
        }
        place(*done.node);
    }

    void place(const YamlNode& node) {
        if (open_.empty()) {
            document_.root = &node;
            return;
        }
        Open& parent = open_.back();
        parent.node->nodes += node.nodes;
        parent.node->bytes += node.bytes;
        parent.node->height = std::max(parent.node->height, node.height + 1);
        if (parent.node->kind == YamlKind::list) {
            parent.node->items.push_back(&node);
        } else if (parent.key == nullptr) {
            parent.key = &node;
        } else {
            parent.node->members.emplace_back(parent.key, &node);
            parent.key = nullptr;
        }
    }

    void drop_bad_members(YamlNode& map) {
        std::set<std::string_view> seen;
        const auto is_bad = [&](const YamlNode::Member& member) {
            const YamlNode& key = *member.first;
            if (key.kind != YamlKind::scalar) {
                problem(key, "expected a key that is a word, got something else");
                return true;
            }
            const bool is_new = seen.insert(key.text).second;
            if (!is_new) {
                problem(key, "expected each key once, got " + shown(key.text) + " again");
            }
            return !is_new;
        };
        auto& members = map.members;
        members.erase(std::remove_if(members.begin(), members.end(), is_bad), members.end());
    }

    const BookFile& file_;
    Problems& problems_;
    YamlDocument& document_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, const YamlNode*> anchors_;
    const YamlNode* last_scalar_ = nullptr;
    bool aliased_ = false;
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
};

// yaml-cpp quotes a byte of the file as it is: a control, or one of several that make a character.
std::string printable(std::string message) {
    std::replace_if(
        message.begin(), message.end(), [](char byte) { return byte < ' ' || byte > '~'; }, '?');
    return message;
}

// What yaml-cpp missed, in the words of who wrote the file; empty for what is met less often.
std::string expected_instead(std::string_view message) {
    for (const auto& [words, expected] :
         {std::pair<std::string_view, std::string_view>{YAML::ErrorMsg::END_OF_SEQ_FLOW,
                                                        " with a ] for each ["},
          {YAML::ErrorMsg::END_OF_MAP_FLOW, " with a } for each {"},
          {YAML::ErrorMsg::END_OF_SEQ, " with the entries of a list in one column"},
          {YAML::ErrorMsg::END_OF_MAP, " with the keys of a map in one column"},
          {YAML::ErrorMsg::TAB_IN_INDENTATION, " with blanks before a line, no tab"},
          {YAML::ErrorMsg::EOF_IN_SCALAR, " with a quote at each end of a text"}}) {
        if (message == words) {
            return std::string(expected);
        }
    }
    return "";
}

std::optional<Refusal> build_tree(const BookFile& file,
                                  Problems& problems,
                                  YamlDocument& document) {
    TreeBuilder builder(file, problems, document);
    try {
        std::istringstream input(file.bytes);
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(builder)) {
        }
        builder.check_last_quote();
    } catch (const Refusal& refusal) {
        return refusal;
    } catch (const YAML::Exception& fault) {
        return Refusal{
            offset_of(fault.mark),
            "expected YAML" + expected_instead(fault.msg) + ", got: " + printable(fault.msg)};
    }
    if (document.root == nullptr) {
        return Refusal{0, "expected a YAML document, got nothing"};
    }
    return std::nullopt;
}

}  // namespace

YamlDocument read_yaml(const BookFile& file, Problems& problems) {
    YamlDocument document;
    std::optional<Refusal> refusal = bad_bytes(file.bytes);
    if (!refusal) {
        refusal = build_tree(file, problems, document);
    }
    if (refusal) {
        problems.add(file, refusal->offset, std::move(refusal->message));
        document.root = nullptr;
    }
    return document;
}

}  // namespace dcm::rules
