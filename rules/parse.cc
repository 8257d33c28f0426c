#include "rules/parse.h"

#include "base/zone_names.h"
#include "rules/parse_cases.h"
#include "rules/parse_lifecycle.h"
#include "rules/parse_rates.h"
#include "rules/problems.h"
#include "rules/resource_file.h"
#include "rules/yaml_reader.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <list>
#include <map>
#include <set>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::array<std::string_view, 10> kBookKeys{"version",
                                                     "currency",
                                                     "timezone",
                                                     "issuer",
                                                     "lifecycle",
                                                     "providers",
                                                     "heartbeats",
                                                     "resources",
                                                     "rates",
                                                     "cases"};
constexpr std::array<std::string_view, 1> kResourceKeys{"file"};
constexpr std::array<std::string_view, 4> kResourceSuffixes{".csv", ".yaml", ".yml", ".json"};

using Names = std::set<std::string, std::less<>>;
using SortedFiles = std::vector<const BookFile*>;

SortedFiles in_name_order(std::span<const BookFile> files) {
    SortedFiles sorted;
    for (const BookFile& file : files) {
        sorted.push_back(&file);
    }
    std::sort(sorted.begin(), sorted.end(), [](const BookFile* left, const BookFile* right) {
        return left->name < right->name;
    });
    return sorted;
}

// Both kinds of files, each name once: a YAML file in a book's directory can be a resource file.
SortedFiles all_in_name_order(std::initializer_list<std::span<const BookFile>> kinds) {
    std::map<std::string_view, const BookFile*> by_name;
    for (const auto& files : kinds) {
        for (const BookFile& file : files) {
            by_name.emplace(file.name, &file);
        }
    }
    SortedFiles files;
    for (const auto& [name, file] : by_name) {
        files.push_back(file);
    }
    return files;
}

bool is_resource_name(std::string_view name) {
    return std::any_of(kResourceSuffixes.begin(),
                       kResourceSuffixes.end(),
                       [name](std::string_view suffix) { return name.ends_with(suffix); });
}

// A file of the book with its nodes and the way to read them.
struct Part {
    YamlDocument document;
    YamlReader reader;
};

// A value at the top of a file.
struct TopValue {
    const YamlReader* reader;
    const YamlNode* node;
};

class BookBuilder {
public:
    BookBuilder(std::span<const BookFile> book_files, std::span<const BookFile> resource_files)
        : files_(all_in_name_order({book_files, resource_files})) {
        book_.lifecycle = standard_lifecycle();
        const std::vector<std::string> names = resource_file_names(book_files);
        const Names resource_names(names.begin(), names.end());
        for (const BookFile* const file : in_name_order(book_files)) {
            if (book_files.size() == 1 || !resource_names.contains(file->name)) {
                add_part(*file);
            }
        }
    }

    ParsedBook build() && {
        if (first_file_ == nullptr) {
            return {std::nullopt,
                    {{Severity::error, "rule book", 1, 1, "expected at least one file, got none"}},
                    {}};
        }
        places_.top = {first_file_, 0};
        read_header();
        for (const TopValue& value : values("lifecycle")) {
            read_lifecycle(*value.reader, *value.node, book_.lifecycle, changed_services_);
            add_charges(value.reader->file(), *value.node, places_);
        }
        read_providers();
        read_heartbeats();
        read_resources();
        read_rates();
        read_cases();
        ParsedBook parsed;
        if (problems_.empty()) {
            parsed.book = std::move(book_);
            parsed.places = std::move(places_);
        }
        parsed.problems = std::move(problems_).sorted();
        return parsed;
    }

private:
    void add_part(const BookFile& file) {
        first_file_ = first_file_ == nullptr ? &file : first_file_;
        Part part{read_yaml(file, problems_), YamlReader(file, problems_)};
        const YamlNode* const root = part.document.root;
        if (root == nullptr) {
            is_whole_ = false;
            return;
        }
        is_whole_ = is_whole_ && root->kind == YamlKind::map;
        static_cast<void>(
            part.reader.check_map(*root, "a map with the keys of a rule book", kBookKeys));
        parts_.push_back(std::move(part));
    }

    [[nodiscard]] std::vector<TopValue> values(std::string_view key) const {
        std::vector<TopValue> found;
        for (const Part& part : parts_) {
            if (const YamlNode* const node = find_member(*part.document.root, key)) {
                found.push_back({&part.reader, node});
            }
        }
        return found;
    }

    // The one value of a key that the whole book gives once.
    std::optional<TopValue> single(std::string_view key) {
        const std::vector<TopValue> found = values(key);
        for (std::size_t index = 1; index < found.size(); ++index) {
            found[index].reader->problem(
                *found[index].node,
                "expected " + std::string(key) + " once in the whole book, got it again");
        }
        return found.empty() ? std::nullopt : std::optional(found.front());
    }

    std::optional<TopValue> required(std::string_view key) {
        std::optional<TopValue> value = single(key);
        // A file that could not be read may have it.
        if (!value && is_whole_) {
            problems_.add(*first_file_, 0, "expected the key " + shown(key) + ", got none");
        }
        return value;
    }

    void read_header() {
        if (const auto version = required("version")) {
            const YamlNode& node = *version->node;
            if (node.kind != YamlKind::scalar || node.quoted || node.text != "1") {
                version->reader->unexpected(
                    node, node.quoted ? "the version 1 without quotes" : "the version 1");
            }
        }
        if (const auto currency = required("currency")) {
            read_currency(*currency);
        }
        if (const auto zone = required("timezone")) {
            read_zone(*zone);
        }
        if (const auto issuer = single("issuer")) {
            book_.issuer = issuer->reader->text(*issuer->node, "a name").value_or("");
        }
    }

    void read_currency(const TopValue& value) {
        constexpr std::string_view expected = "an ISO 4217 currency such as EUR";
        const auto code = value.reader->text(*value.node, expected);
        if (code && !minor_unit_digits(*code)) {
            const std::vector<std::string> known = currency_codes();
            value.reader->problem(*value.node,
                                  "expected " + std::string(expected) + ", got " + shown(*code) +
                                      suggestion(*code, std::span<const std::string>(known)));
        }
        book_.currency = code.value_or("");
    }

    void read_zone(const TopValue& value) {
        constexpr std::string_view expected = "an IANA time zone such as Europe/Berlin";
        const auto name = value.reader->text(*value.node, expected);
        if (!name) {
            return;
        }
        Result<Zone> zone = Zone::find(*name);
        if (zone.ok()) {
            book_.zone = zone.value();
        } else {
            const std::vector<std::string> known = zone_names();
            value.reader->problem(*value.node,
                                  "expected " + std::string(expected) + ", got " + shown(*name) +
                                      suggestion(*name, std::span<const std::string>(known)));
        }
    }

    void read_providers() {
        auto& names = book_.lifecycle.provider_names;
        for (const TopValue& value : values("providers")) {
            for (const auto& [source, name] :
                 value.reader->members(*value.node, "a map of sources and provider names")) {
                auto text = value.reader->text(*name, "a provider's name");
                if (text && !names.emplace(source->text, std::move(*text)).second) {
                    value.reader->unexpected(*source, "each source once in the whole book");
                }
            }
        }
    }

    void read_heartbeats() {
        for (const TopValue& value : values("heartbeats")) {
            for (const auto& [source, limit] :
                 value.reader->members(*value.node, "a map of sources and durations")) {
                const auto duration = value.reader->duration(*limit, Sign::positive);
                if (duration && !book_.heartbeats.emplace(source->text, *duration).second) {
                    value.reader->unexpected(*source, "each source once in the whole book");
                }
            }
        }
    }

    void read_resources() {
        Names seen;
        for (const TopValue& value : values("resources")) {
            for (const YamlNode* const entry :
                 value.reader->items(*value.node, "a list of resource files")) {
                if (value.reader->check_map(*entry, "{file: NAME}", kResourceKeys)) {
                    read_resource(*value.reader, *entry, seen);
                }
            }
        }
    }

    void read_resource(const YamlReader& reader, const YamlNode& entry, Names& seen) {
        const YamlNode* const node = reader.require(entry, "file");
        if (node == nullptr) {
            return;
        }
        const auto name = reader.text(*node, "a file's name");
        if (!name) {
            return;
        }
        if (!is_resource_name(*name)) {
            reader.unexpected(*node, "a name that ends in .csv, .yaml, .yml or .json");
            return;
        }
        if (!seen.insert(*name).second) {
            reader.unexpected(*node, "each resource file once");
            return;
        }
        const auto file = std::find_if(files_.begin(), files_.end(), [&name](const BookFile* each) {
            return each->name == *name;
        });
        if (file == files_.end()) {
            reader.unexpected(*node, "the name of a file that can be read, relative to the book");
            return;
        }
        book_.resources.add_file(read_resource_file(**file, book_.zone, problems_), *name);
        places_.resource_files.push_back(*file);
    }

    void read_rates() {
        Names ids;
        for (const TopValue& value : values("rates")) {
            if (places_.rates.empty()) {
                places_.top = {&value.reader->file(), value.node->offset};
            }
            for (const YamlNode* const rate : value.reader->items(*value.node, "a list of rates")) {
                book_.rates.push_back(read_rate(*value.reader, *rate, book_.zone, ids));
                places_.rates.push_back(places_of_rate(value.reader->file(), *rate));
            }
        }
    }

    void read_cases() {
        for (const TopValue& value : values("cases")) {
            for (const YamlNode* const each : value.reader->items(*value.node, "a list of cases")) {
                book_.cases.push_back(read_case(*value.reader, *each));
                places_.cases.push_back({&value.reader->file(), each->offset});
            }
        }
    }

    SortedFiles files_;
    Problems problems_;
    // A list: readers and nodes are pointed at while more parts come.
    std::list<Part> parts_;
    const BookFile* first_file_ = nullptr;
    bool is_whole_ = true;
    Names changed_services_;
    RuleBook book_;
    BookPlaces places_;
};

}  // namespace

std::vector<std::string> resource_file_names(std::span<const BookFile> book_files) {
    std::vector<std::string> names;
    for (const BookFile* const file : in_name_order(book_files)) {
        Problems untold;
        const YamlDocument document = read_yaml(*file, untold);
        const YamlNode* const list =
            document.root == nullptr ? nullptr : find_member(*document.root, "resources");
        if (list == nullptr) {
            continue;
        }
        for (const YamlNode* const entry : list->items) {
            const YamlNode* const name = find_member(*entry, "file");
            if (name != nullptr && is_resource_name(name->text) &&
                std::find(names.begin(), names.end(), name->text) == names.end()) {
                names.push_back(name->text);
            }
        }
    }
    return names;
}

ParsedBook parse_book(std::span<const BookFile> book_files,
                      std::span<const BookFile> resource_files) {
    return BookBuilder(book_files, resource_files).build();
}

std::string digest_input(std::span<const BookFile> book_files,
                         std::span<const BookFile> resource_files) {
    const SortedFiles files = all_in_name_order({book_files, resource_files});
    if (files.size() == 1) {
        return files.front()->bytes;
    }
    std::string input;
    for (const BookFile* const file : files) {
        input += file->name + '\n' + std::to_string(file->bytes.size()) + '\n' + file->bytes;
    }
    return input;
}

}  // namespace dcm::rules
