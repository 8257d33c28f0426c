#include "cli/export_config.h"

#include "base/shown.h"
#include "exports/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace dcm::cli {
namespace {

using exports::ExportPlan;
using rules::YamlKind;
using rules::YamlNode;

constexpr std::array<std::string_view, 7> kKeys{
    "name", "format", "compression", "periods", "schedule", "destination", "keep"};
constexpr std::array<std::string_view, 3> kFormats{"focus", "lines", "jsonl"};
constexpr std::array<std::string_view, 3> kCompressions{"none", "gzip", "zstd"};
constexpr std::array<std::string_view, 2> kPeriods{"open", "closed"};
constexpr std::size_t kExportsMax = 100;
constexpr std::size_t kKeepMax = 1'200;

// `a, b or c`
std::string choices(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : (i + 1 == words.size() ? " or " : ", ");
        text += words[i];
    }
    return text;
}

// One entry.
class PlanReader {
public:
    PlanReader(const rules::BookFile& file, const YamlNode& item, rules::Problems& problems)
        : file_(file), item_(item), problems_(problems) {}

    // nullopt after a fault.
    [[nodiscard]] std::optional<ExportPlan> read() {
        if (item_.kind != YamlKind::map) {
            problem(item_, "expected an export as a mapping with a name");
            return std::nullopt;
        }
        for (const YamlNode::Member& member : item_.members) {
            read_member(*member.first, *member.second);
        }
        if (is_sound_ && plan_.name.empty()) {
            problem(item_, "expected an export with a name");
        }
        if (is_sound_ && plan_.destination.empty()) {
            problem(item_, "expected a destination for the export " + shown(plan_.name));
        }
        return is_sound_ ? std::optional(plan_) : std::nullopt;
    }

private:
    void problem(const YamlNode& node, const std::string& what) {
        problems_.add(file_, node.offset, what);
        is_sound_ = false;
    }

    void read_member(const YamlNode& key, const YamlNode& value) {
        if (std::find(kKeys.begin(), kKeys.end(), key.text) == kKeys.end()) {
            problem(key,
                    "unknown key " + shown("exports." + key.text) +
                        rules::suggestion(key.text, std::span(kKeys)));
        } else if (key.text == "periods") {
            read_periods(value);
        } else if (value.kind != YamlKind::scalar) {
            problem(value, "expected one value for " + key.text + ", got a list or a mapping");
        } else {
            read_scalar(key.text, value);
        }
    }

    void read_scalar(const std::string& key, const YamlNode& value) {
        if (key == "name") {
            read_name(value);
        } else if (key == "format") {
            if (is_one_of(value, kFormats, "format")) {
                plan_.format = *exports::find_format(value.text);
            }
        } else if (key == "compression") {
            if (is_one_of(value, kCompressions, "compression")) {
                plan_.compression = *exports::find_compression(value.text);
            }
        } else if (key == "schedule") {
            read_schedule(value);
        } else if (key == "destination") {
            read_destination(value);
        } else {
            read_keep(value);
        }
    }

    void read_name(const YamlNode& value) {
        plan_.name = value.text;
        if (!exports::is_export_name(value.text)) {
            problem(value,
                    "expected a name of at most 63 of a-z, 0-9, _ and -, beginning with a letter "
                    "or digit, because it names a folder; got " +
                        shown(value.text));
        }
    }

    bool is_one_of(const YamlNode& value,
                   std::span<const std::string_view> words,
                   const std::string& what) {
        const bool found = std::find(words.begin(), words.end(), value.text) != words.end();
        if (!found) {
            problem(value,
                    "expected " + choices(words) + " for the " + what + " of an export, got " +
                        shown(value.text) + rules::suggestion(value.text, words));
        }
        return found;
    }

    void read_periods(const YamlNode& value) {
        if (value.kind != YamlKind::list || value.items.empty()) {
            problem(value, "expected a list of open and closed for periods");
            return;
        }
        plan_.open_periods = false;
        plan_.closed_periods = false;
        for (const YamlNode* const item : value.items) {
            if (is_one_of(*item, kPeriods, "periods")) {
                (item->text == "open" ? plan_.open_periods : plan_.closed_periods) = true;
            }
        }
    }

    void read_schedule(const YamlNode& value) {
        const auto parsed = exports::Schedule::parse(value.text);
        if (!parsed.ok()) {
            problem(value, parsed.error().message);
        }
        plan_.schedule = value.text;
    }

    void read_destination(const YamlNode& value) {
        const std::filesystem::path path = value.text;
        const std::filesystem::path folder = std::filesystem::path(file_.name).parent_path();
        plan_.destination = path.is_absolute() || path.empty() ? path : folder / path;
    }

    void read_keep(const YamlNode& value) {
        const char* const end = value.text.data() + value.text.size();
        const auto [after, fault] = std::from_chars(value.text.data(), end, plan_.keep);
        if (fault != std::errc{} || after != end || plan_.keep == 0 || plan_.keep > kKeepMax) {
            problem(value,
                    "expected a number of periods from 1 to " + std::to_string(kKeepMax) +
                        " for keep, got " + shown(value.text));
        }
    }

    const rules::BookFile& file_;
    const YamlNode& item_;
    rules::Problems& problems_;
    ExportPlan plan_;
    bool is_sound_ = true;
};

}  // namespace

std::vector<ExportPlan> read_exports(const rules::BookFile& file,
                                     const YamlNode& list,
                                     rules::Problems& problems) {
    std::vector<ExportPlan> plans;
    if (list.kind != YamlKind::list) {
        problems.add(file, list.offset, "expected a list for exports");
        return plans;
    }
    if (list.items.size() > kExportsMax) {
        problems.add(file,
                     list.offset,
                     "expected at most " + std::to_string(kExportsMax) + " exports, got " +
                         std::to_string(list.items.size()));
    }
    std::set<std::string> names;
    for (const YamlNode* const item : list.items) {
        if (auto plan = PlanReader(file, *item, problems).read()) {
            if (!names.insert(plan->name).second) {
                problems.add(file, item->offset, "there are two exports named " + plan->name);
            }
            plans.push_back(std::move(*plan));
        }
    }
    return plans;
}

}  // namespace dcm::cli
