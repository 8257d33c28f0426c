#include "rules/resource_file.h"

#include "rules/text_place.h"
#include "rules/yaml_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::array<std::string_view, 6> kEntryKeys{
    "service_type", "instance", "tenant", "labels", "valid_from", "valid_to"};
constexpr std::array<std::string_view, 5> kColumns{
    "service_type", "instance", "tenant", "valid_from", "valid_to"};
constexpr std::string_view kLabelPrefix = "label:";
constexpr std::string_view kValidityFault = "expected valid_to after valid_from";

struct Field {
    std::string text;
    std::size_t offset = 0;
};
// A line of a CSV file. Of fields beyond those asked for only the number is kept.
struct Row {
    std::vector<Field> fields;
    std::size_t count = 0;

    [[nodiscard]] std::size_t offset() const { return fields.front().offset; }
    [[nodiscard]] bool is_blank() const { return count == 1 && fields.front().text.empty(); }
};

// Takes the fields of RFC 4180 one by one: quotes around a field, "" for a quote within.
class CsvReader {
public:
    CsvReader(const BookFile& file, Problems& problems)
        : file_(file), problems_(problems), bytes_(file.bytes) {}

    [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }

    // The fields up to the end of the line, `kept_max` of them at most.
    Row next_row(std::size_t kept_max) {
        Row row;
        do {
            Field field = next_field();
            if (row.count++ < kept_max) {
                row.fields.push_back(std::move(field));
            }
        } while (take(','));
        if (!take_line_end() && !at_end()) {
            problems_.add(
                file_, at_, "expected a comma or the end of the line after a quoted field");
            skip_line();
        }
        return row;
    }

private:
    [[nodiscard]] bool is_at(char c) const { return !at_end() && bytes_[at_] == c; }

    bool take(char c) {
        const bool is_there = is_at(c);
        at_ += static_cast<std::size_t>(is_there);
        return is_there;
    }

    bool take_line_end() {
        if (bytes_.substr(at_, 2) == "\r\n") {
            ++at_;
        }
        return take('\n');
    }

    void skip_line() { at_ = std::min(bytes_.find('\n', at_), bytes_.size() - 1) + 1; }

    Field next_field() {
        Field field{{}, at_};
        if (take('"')) {
            read_quoted(field);
            return field;
        }
        std::size_t end = std::min(bytes_.find_first_of(",\n", at_), bytes_.size());
        if (end > at_ && bytes_[end - 1] == '\r' && end < bytes_.size() && bytes_[end] == '\n') {
            --end;
        }
        field.text = bytes_.substr(at_, end - at_);
        at_ = end;
        return field;
    }

    void read_quoted(Field& field) {
        while (!at_end()) {
            const std::size_t quote = std::min(bytes_.find('"', at_), bytes_.size());
            field.text += bytes_.substr(at_, quote - at_);
            at_ = quote;
            if (!take('"')) {
                break;
            }
            if (!take('"')) {
                return;
            }
            field.text += '"';
        }
        problems_.add(file_, field.offset, "expected a closing quote, got the end of the file");
    }

    const BookFile& file_;
    Problems& problems_;
    std::string_view bytes_;
    std::size_t at_ = 0;
};

// Reads the rows of a CSV file by the columns its first row names.
class ResourceCsv {
public:
    ResourceCsv(const BookFile& file, const Zone& zone, Problems& problems)
        : file_(file), zone_(zone), problems_(problems) {}

    std::vector<Resource> read() {
        std::vector<Resource> entries;
        CsvReader csv(file_, problems_);
        if (!read_header(csv.next_row(kCsvColumnsMax))) {
            return entries;
        }
        while (!csv.at_end()) {
            const Row row = csv.next_row(columns_.size());
            if (row.is_blank() || !has_every_column(row)) {
                continue;
            }
            if (entries.size() == kCsvEntriesMax) {
                problems_.add(file_,
                              row.offset(),
                              "expected at most " + std::to_string(kCsvEntriesMax) +
                                  " entries in a CSV file");
                break;
            }
            entries.push_back(read_row(row));
        }
        return entries;
    }

private:
    bool read_header(const Row& row) {
        if (row.count > kCsvColumnsMax) {
            problems_.add(file_,
                          row.offset(),
                          "expected at most " + std::to_string(kCsvColumnsMax) +
                              " columns in a CSV file, got " + std::to_string(row.count));
            return false;
        }
        std::set<std::string_view> seen;
        bool fits = true;
        for (const Field& field : row.fields) {
            columns_.push_back(field.text);
        }
        for (const Field& field : row.fields) {
            const bool is_label =
                field.text.starts_with(kLabelPrefix) && field.text.size() > kLabelPrefix.size();
            if (!is_label &&
                std::find(kColumns.begin(), kColumns.end(), field.text) == kColumns.end()) {
                problems_.add(file_,
                              field.offset,
                              "unknown column " + shown(field.text) +
                                  suggestion(field.text, kColumns) + ", or label:<name>");
                fits = false;
            } else if (!seen.insert(field.text).second) {
                problems_.add(file_,
                              field.offset,
                              "expected each column once, got " + shown(field.text) + " again");
                fits = false;
            }
        }
        for (const std::string_view required : {kColumns[0], kColumns[1]}) {
            if (std::find(columns_.begin(), columns_.end(), required) == columns_.end()) {
                problems_.add(
                    file_, row.offset(), "expected a column " + shown(required) + ", got none");
                fits = false;
            }
        }
        return fits;
    }

    bool has_every_column(const Row& row) {
        if (row.count != columns_.size()) {
            problems_.add(file_,
                          row.offset(),
                          "expected " + std::to_string(columns_.size()) + " fields, got " +
                              std::to_string(row.count));
        }
        return row.count == columns_.size();
    }

    Resource read_row(const Row& row) {
        Resource entry;
        entry.offset = row.offset();
        for (std::size_t index = 0; index < row.count; ++index) {
            read_field(columns_[index], row.fields[index], entry);
        }
        if (entry.valid_from && entry.valid_to && *entry.valid_to <= *entry.valid_from) {
            problems_.add(file_, row.offset(), std::string(kValidityFault));
        }
        return entry;
    }

    void read_field(const std::string& column, const Field& field, Resource& entry) {
        if (column == "service_type") {
            entry.service_type = required(column, field);
        } else if (column == "instance") {
            entry.instance = required(column, field);
        } else if (column == "tenant") {
            entry.tenant = field.text;
        } else if (column == "valid_from") {
            entry.valid_from = bound(field);
        } else if (column == "valid_to") {
            entry.valid_to = bound(field);
        } else if (!field.text.empty()) {
            entry.labels[column.substr(kLabelPrefix.size())] = field.text;
        }
    }

    std::string required(const std::string& column, const Field& field) {
        if (field.text.empty()) {
            problems_.add(file_, field.offset, "expected a value for " + column + ", got nothing");
        }
        return field.text;
    }

    std::optional<Instant> bound(const Field& field) {
        if (field.text.empty()) {
            return std::nullopt;
        }
        Result<Instant> at = parse_bound(field.text, zone_);
        if (!at.ok()) {
            problems_.add(file_, field.offset, at.error().message);
            return std::nullopt;
        }
        return at.value();
    }

    const BookFile& file_;
    const Zone& zone_;
    Problems& problems_;
    std::vector<std::string> columns_;
};

Resource read_entry(const YamlReader& reader, const YamlNode& node, const Zone& zone) {
    Resource entry;
    entry.offset = node.offset;
    if (!reader.check_map(node, "a resource, which is a map", kEntryKeys)) {
        return entry;
    }
    if (const YamlNode* const type = reader.require(node, "service_type")) {
        entry.service_type = reader.text(*type, "a service type").value_or("");
    }
    if (const YamlNode* const instance = reader.require(node, "instance")) {
        entry.instance = reader.text(*instance, "an instance").value_or("");
    }
    if (const YamlNode* const tenant = find_member(node, "tenant")) {
        entry.tenant = reader.text(*tenant, "a tenant").value_or("");
    }
    if (const YamlNode* const labels = find_member(node, "labels")) {
        for (const auto& [name, value] : reader.members(*labels, "a map of labels")) {
            entry.labels[name->text] = reader.text(*value, "a label's value").value_or("");
        }
    }
    if (const YamlNode* const from = find_member(node, "valid_from")) {
        entry.valid_from = reader.bound(*from, zone);
    }
    if (const YamlNode* const to = find_member(node, "valid_to")) {
        entry.valid_to = reader.bound(*to, zone);
    }
    if (entry.valid_from && entry.valid_to && *entry.valid_to <= *entry.valid_from) {
        reader.problem(node, std::string(kValidityFault));
    }
    return entry;
}

std::vector<Resource> read_yaml_entries(const BookFile& file,
                                        const Zone& zone,
                                        Problems& problems) {
    std::vector<Resource> entries;
    const YamlDocument document = read_yaml(file, problems);
    if (document.root == nullptr) {
        return entries;
    }
    const YamlReader reader(file, problems);
    for (const YamlNode* const entry : reader.items(*document.root, "a list of resources")) {
        entries.push_back(read_entry(reader, *entry, zone));
    }
    return entries;
}

bool check_csv_text(const BookFile& file, Problems& problems) {
    const std::size_t nul = file.bytes.find('\0');
    if (file.bytes.size() > kCsvBytesMax) {
        problems.add(file,
                     kCsvBytesMax,
                     "expected at most " + std::to_string(kCsvBytesMax) + " bytes in a CSV file");
    } else if (nul != std::string::npos) {
        problems.add(file, nul, "expected text, got a NUL byte");
    } else if (file.bytes.starts_with("\xEF\xBB\xBF")) {
        problems.add(file, 0, "expected UTF-8 without a byte order mark, got one");
    } else if (const auto line = line_not_utf8(file.bytes)) {
        problems.add(file, *line, "expected UTF-8, got other bytes in this line");
    } else {
        return true;
    }
    return false;
}

std::vector<Resource> read_entries(const BookFile& file, const Zone& zone, Problems& problems) {
    const std::string_view name = file.name;
    if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
        return read_yaml_entries(file, zone, problems);
    }
    if (!check_csv_text(file, problems)) {
        return {};
    }
    return ResourceCsv(file, zone, problems).read();
}

// In one pass, as a file may hold very many. An alias in YAML stands where its anchor does.
void count_lines(std::string_view bytes, std::vector<Resource>& entries) {
    std::size_t line = 1;
    std::size_t counted_to = 0;
    for (Resource& entry : entries) {
        if (entry.offset < counted_to) {
            line = 1;
            counted_to = 0;
        }
        const std::string_view passed = bytes.substr(counted_to, entry.offset - counted_to);
        line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
        counted_to = entry.offset;
        entry.line = line;
    }
}

}  // namespace

std::vector<Resource> read_resource_file(const BookFile& file,
                                         const Zone& zone,
                                         Problems& problems) {
    std::vector<Resource> entries = read_entries(file, zone, problems);
    count_lines(file.bytes, entries);
    return entries;
}

}  // namespace dcm::rules
