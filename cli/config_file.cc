#include "cli/config_file.h"

#include "anchors/file_io.h"
#include "cli/export_config.h"
#include "rules/problems.h"
#include "rules/yaml_document.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace dcm::cli {
namespace {

using rules::YamlKind;
using rules::YamlNode;

constexpr std::array<std::string_view, 3> kAnchorKinds{"file", "stream", "witness"};
constexpr std::string_view kSqlite = "sqlite://";

const Field* find_field(const std::string& path) {
    const std::vector<Field>& fields = config_fields();
    const auto found = std::find_if(
        fields.begin(), fields.end(), [&path](const Field& field) { return field.path == path; });
    return found == fields.end() ? nullptr : &*found;
}

// The paths of the keys that may stand in this section, of its fields and of its sections.
std::vector<std::string> known_paths(const std::string& section) {
    std::set<std::string> paths;
    const std::string prefix = section.empty() ? "" : section + '.';
    for (const Field& field : config_fields()) {
        if (field.path.starts_with(prefix)) {
            paths.insert(field.path.substr(0, field.path.find('.', prefix.size())));
        }
    }
    return {paths.begin(), paths.end()};
}

// Walks the mapping section by section; a list of sections still to read stands in for recursion.
class FileReader {
public:
    FileReader(const rules::BookFile& file,
               std::map<std::string, ConfigValue, std::less<>>& values,
               std::vector<exports::ExportPlan>& exports,
               rules::Problems& problems)
        : file_(file), values_(values), exports_(exports), problems_(problems) {}

    void read(const YamlNode& root) {
        if (root.kind == YamlKind::null) {
            return;
        }
        sections_.push_back({"", &root});
        while (!sections_.empty()) {
            const Section section = sections_.back();
            sections_.pop_back();
            read_section(section);
        }
    }

private:
    struct Section {
        std::string path;
        const YamlNode* node;
    };

    void problem(const YamlNode& node, const std::string& what) {
        problems_.add(file_, node.offset, what);
    }

    [[nodiscard]] std::string place(const YamlNode& node) const {
        const auto begin = file_.bytes.begin();
        const auto lines =
            std::count(begin, begin + static_cast<std::ptrdiff_t>(node.offset), '\n');
        return file_.name + ':' + std::to_string(lines + 1);
    }

    void read_section(const Section& section) {
        if (section.node->kind != YamlKind::map) {
            problem(*section.node,
                    "expected a mapping of keys" +
                        (section.path.empty() ? "" : " under " + section.path));
            return;
        }
        for (const YamlNode::Member& member : section.node->members) {
            read_member(section.path, *member.first, *member.second);
        }
    }

    void read_member(const std::string& section, const YamlNode& name, const YamlNode& value) {
        const std::string path = (section.empty() ? "" : section + '.') + name.text;
        const std::vector<std::string> known = known_paths(section);
        if (std::find(known.begin(), known.end(), path) == known.end()) {
            problem(name, "unknown key " + shown(path) + rules::suggestion(path, known));
            return;
        }
        if (const Field* const field = find_field(path)) {
            values_[path] = {text_of(*field, value), Origin::file, place(name)};
        } else {
            sections_.push_back({path, &value});
        }
    }

    std::string text_of(const Field& field, const YamlNode& node) {
        if (node.kind == YamlKind::null) {
            return "";
        }
        switch (field.kind) {
            case FieldKind::anchors:
                return anchors_text(field, node);
            case FieldKind::exports:
                return exports_text(node);
            case FieldKind::url_list:
                return node.kind == YamlKind::list ? list_text(node) : scalar(field, node);
            case FieldKind::path:
            case FieldKind::database:
                return relative_to_file(field.kind, scalar(field, node));
            case FieldKind::text:
            case FieldKind::count:
            case FieldKind::duration:
            case FieldKind::date:
                return scalar(field, node);
        }
        DCM_CHECK(false);
        return "";
    }

    std::string scalar(const Field& field, const YamlNode& node) {
        if (node.kind != YamlKind::scalar) {
            problem(node, "expected one value for " + field.path + ", got a list or a mapping");
            return field.fallback;
        }
        return node.text;
    }

    std::string list_text(const YamlNode& list) {
        std::string text;
        for (const YamlNode* const item : list.items) {
            if (item->kind != YamlKind::scalar) {
                problem(*item, "expected a text in the list");
                continue;
            }
            text += (text.empty() ? "" : ",") + item->text;
        }
        return text;
    }

    std::string anchors_text(const Field& field, const YamlNode& list) {
        std::string text;
        for (const YamlNode* const item : list.items) {
            const std::string anchor = anchor_text(*item);
            if (anchor.empty()) {
                problem(*item,
                        "expected an anchor as {file: …}, {stream: …} or {witness: …, vkey: …}");
                continue;
            }
            text += (text.empty() ? "" : ",") + anchor;
        }
        if (list.kind != YamlKind::list) {
            problem(list, "expected a list of anchors for " + field.path);
        }
        return text;
    }

    // `<kind>:<target>`, and `#<verifier key>` behind a witness's; empty for anything else.
    std::string anchor_text(const YamlNode& item) {
        const auto is_text = [](const auto& member) {
            return member.second->kind == YamlKind::scalar;
        };
        const auto& members = item.members;
        if (item.kind != YamlKind::map || members.empty() || members.size() > 2 ||
            !std::all_of(members.begin(), members.end(), is_text)) {
            return "";
        }
        const std::string& kind = members[0].first->text;
        const bool is_known =
            std::find(kAnchorKinds.begin(), kAnchorKinds.end(), kind) != kAnchorKinds.end();
        const bool has_key = members.size() == 2;
        if (!is_known || (has_key && (kind != "witness" || members[1].first->text != "vkey"))) {
            return "";
        }
        const FieldKind target_kind = kind == "file" ? FieldKind::path : FieldKind::text;
        return kind + ':' + relative_to_file(target_kind, members[0].second->text) +
               (has_key ? '#' + members[1].second->text : "");
    }

    // The names, for `config show`.
    std::string exports_text(const YamlNode& list) {
        exports_ = read_exports(file_, list, problems_);
        std::string names;
        for (const exports::ExportPlan& plan : exports_) {
            names += (names.empty() ? "" : ",") + plan.name;
        }
        return names;
    }

    [[nodiscard]] std::string relative_to_file(FieldKind kind, const std::string& text) const {
        const bool is_database = kind == FieldKind::database && text.starts_with(kSqlite);
        if (text.empty() || (kind != FieldKind::path && !is_database)) {
            return text;
        }
        const std::filesystem::path path = is_database ? text.substr(kSqlite.size()) : text;
        const std::filesystem::path folder = std::filesystem::path(file_.name).parent_path();
        const std::string resolved = (path.is_absolute() ? path : folder / path).string();
        return is_database ? std::string(kSqlite) + resolved : resolved;
    }

    const rules::BookFile& file_;
    std::map<std::string, ConfigValue, std::less<>>& values_;
    std::vector<exports::ExportPlan>& exports_;
    rules::Problems& problems_;
    std::vector<Section> sections_;
};

}  // namespace

void read_config_file(const std::filesystem::path& file,
                      std::map<std::string, ConfigValue, std::less<>>& values,
                      std::vector<exports::ExportPlan>& exports,
                      std::vector<std::string>& problems) {
    std::error_code fault;
    const std::uintmax_t size = std::filesystem::file_size(file, fault);
    if (fault == std::errc::permission_denied) {
        throw Failure(
            ErrorKind::environment,
            "expected to read the configuration file " + file.string() + ": " + fault.message());
    }
    if (fault) {
        problems.push_back("expected a configuration file at " + file.string() + ": " +
                           fault.message());
        return;
    }
    if (size > rules::kYamlBytesMax) {
        problems.push_back("expected a configuration file of at most 1 MiB, " + file.string() +
                           " has " + std::to_string(size) + " bytes");
        return;
    }
    const rules::BookFile text{file.string(), anchors::read_file(file).value_or("")};
    if (text.bytes.find_first_not_of(" \t\r\n") == std::string::npos) {
        return;
    }
    rules::Problems found;
    const rules::YamlDocument document = rules::read_yaml(text, found);
    if (document.root != nullptr) {
        FileReader(text, values, exports, found).read(*document.root);
    }
    for (const rules::Problem& problem : std::move(found).sorted()) {
        problems.push_back(rules::format_problem(problem));
    }
}

}  // namespace dcm::cli
