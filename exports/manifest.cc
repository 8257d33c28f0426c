#include "exports/manifest.h"

#include "audit/hash.h"
#include "base/shown.h"
#include "billing/json_text.h"
#include "focus/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace dcm::exports {
namespace {

using billing::JsonObject;
using nlohmann::json;

constexpr std::int64_t kManifestVersion = 1;
// The greatest whole number that no reader of JSON rounds.
constexpr std::int64_t kNumberMax = 9'007'199'254'740'991;

template <typename Items, typename Text>
std::string list_json(const Items& items, const Text& text_of) {
    std::string list;
    for (const auto& item : items) {
        list += list.empty() ? "\n    " : ",\n    ";
        list += text_of(item);
    }
    return '[' + list + (items.empty() ? "]" : "\n  ]");
}

std::string file_json(const ManifestFile& file) {
    JsonObject object;
    object.add("name", file.name);
    object.add_json("bytes", std::to_string(file.bytes));
    object.add_json("rows", std::to_string(file.rows));
    object.add("sha256", file.sha256);
    return object.text();
}

std::string total_json(const ControlTotal& total) {
    JsonObject object;
    object.add("tenant", total.tenant);
    object.add_json("rows", std::to_string(total.rows));
    object.add("total", total.total.to_string());
    return object.text();
}

std::string log_json(const Manifest& manifest) {
    JsonObject log;
    log.add_json("size", std::to_string(manifest.log_size));
    log.add("root", manifest.log_root);
    return log.text();
}

std::string superseded_json(const std::optional<Superseded>& superseded) {
    if (!superseded) {
        return "null";
    }
    JsonObject object;
    object.add("manifest_sha256", superseded->manifest_sha256);
    object.add("state", superseded->state);
    object.add_json("log_size", std::to_string(superseded->log_size));
    return object.text();
}

// A member a line, so that people can read it and compare two of them.
class Lines {
public:
    void add(std::string_view name, const std::string& value) {
        add_json(name, billing::json_string(value));
    }
    void add_json(std::string_view name, const std::string& value) {
        text_ += text_.empty() ? "{\n  " : ",\n  ";
        text_ += billing::json_string(name) + ": " + value;
    }
    [[nodiscard]] std::string text() const { return text_ + "\n}\n"; }

private:
    std::string text_;
};

// Members of a manifest that was read; what is missing or of another kind is one Error.
class Members {
public:
    explicit Members(const json& object) : object_(object) {}

    [[nodiscard]] std::string text(const char* name) {
        const json& value = member(name);
        return value.is_string() ? value.get<std::string>() : fail(name, "a text");
    }
    [[nodiscard]] std::int64_t number(const char* name) {
        const json& value = member(name);
        const bool is_whole = value.is_number_integer() && value >= 0 && value <= kNumberMax;
        if (!is_whole) {
            fail(name, "a whole number below 2^53");
        }
        return is_whole ? value.get<std::int64_t>() : 0;
    }
    // 64 digits of hex.
    [[nodiscard]] std::string sha256(const char* name) {
        const std::string value = text(name);
        const bool is_hash = value.size() == 2 * audit::kHashBytes &&
                             value.find_first_not_of("0123456789abcdef") == std::string::npos;
        return is_hash ? value : fail(name, "the hex digits of a SHA-256");
    }
    [[nodiscard]] Decimal decimal(const char* name) {
        Result<Decimal> parsed = Decimal::parse(text(name));
        if (!parsed.ok()) {
            fail(name, "a decimal number");
            return {};
        }
        return std::move(parsed).value();
    }
    // The items of a list; empty when it is none.
    [[nodiscard]] const json& list(const char* name) {
        static const json nothing = json::array();
        const json& value = member(name);
        if (!value.is_array()) {
            fail(name, "a list");
            return nothing;
        }
        return value;
    }
    [[nodiscard]] const json& member(const char* name) {
        static const json nothing;
        const auto found = object_.is_object() ? object_.find(name) : object_.end();
        return found == object_.end() ? nothing : *found;
    }
    std::string fail(const char* name, const std::string& expected) {
        if (fault_.empty()) {
            fault_ = "expected " + expected + " for " + name;
        }
        return {};
    }
    void take_fault(const Members& inner) { fault_ = fault_.empty() ? inner.fault_ : fault_; }
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    const json& object_;
    std::string fault_;
};

// Of a document that is parsed: which member stands twice in one object. Readers take one or the
// other of them.
class Duplicates {
public:
    void see(json::parse_event_t event, const json& value) {
        if (event == json::parse_event_t::object_start) {
            names_.emplace_back();
        } else if (event == json::parse_event_t::object_end) {
            names_.pop_back();
        } else if (event == json::parse_event_t::key) {
            const auto& name = value.get_ref<const std::string&>();
            if (!names_.back().insert(name).second && name_.empty()) {
                name_ = name;
            }
        }
    }
    // The first one; empty where there is none.
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::vector<std::set<std::string>> names_;  // of the objects that are open
    std::string name_;
};

void read_files(Members& members, Manifest& manifest) {
    std::int64_t bytes = 0;
    std::int64_t rows = 0;
    for (const json& item : members.list("files")) {
        Members file(item);
        manifest.files.push_back(
            {file.text("name"), file.number("bytes"), file.number("rows"), file.sha256("sha256")});
        members.take_fault(file);
        bytes += manifest.files.back().bytes;
        rows += manifest.files.back().rows;
        if (std::max(bytes, rows) > kNumberMax) {
            members.fail("files", "bytes and rows below 2^53 in all");
            manifest.files.clear();
            return;
        }
    }
}

void read_totals(Members& members, Manifest& manifest) {
    for (const json& item : members.list("totals")) {
        Members total(item);
        manifest.totals.push_back(
            {total.text("tenant"), total.decimal("total"), total.number("rows")});
        members.take_fault(total);
    }
}

void read_columns(Members& members, Manifest& manifest) {
    for (const json& item : members.list("columns")) {
        manifest.columns.push_back(item.is_string() ? item.get<std::string>()
                                                    : members.fail("columns", "texts"));
    }
}

void read_format(Members& members, Manifest& manifest) {
    const auto format = find_format(members.text("format"));
    const auto compression = find_compression(members.text("compression"));
    if (!format || !compression) {
        members.fail("format and compression", "known words");
        return;
    }
    manifest.format = *format;
    manifest.compression = *compression;
    if (*format == Format::focus) {
        manifest.focus_version = members.text("focus_version");
        if (manifest.focus_version != focus::focus_1_2().version) {
            members.fail(
                "focus_version",
                "a version that is known, " + std::string(focus::focus_1_2().version) + ',');
        }
    }
}

void read_origin(Members& members, Manifest& manifest) {
    manifest.name = members.text("export");
    manifest.period = members.text("period");
    manifest.period_start = members.text("period_start");
    manifest.period_end = members.text("period_end");
    manifest.state = members.text("state");
    if (manifest.state != "open" && manifest.state != "closed") {
        members.fail("state", "open or closed");
    }
    manifest.timezone = members.text("timezone");
    manifest.currency = members.text("currency");
    manifest.book = members.text("book");
    Members log(members.member("log"));
    manifest.log_size = log.number("size");
    manifest.log_root = log.text("root");
    members.take_fault(log);
    manifest.as_of = members.text("as_of");
    manifest.checkpoint = members.text("checkpoint");
    if (!members.member("supersedes").is_null()) {
        Members old(members.member("supersedes"));
        manifest.supersedes =
            Superseded{old.sha256("manifest_sha256"), old.text("state"), old.number("log_size")};
        members.take_fault(old);
    }
}

}  // namespace

std::int64_t Manifest::rows() const {
    return std::accumulate(
        files.begin(), files.end(), std::int64_t{0}, [](auto sum, const auto& f) {
            return sum + f.rows;
        });
}

std::int64_t Manifest::bytes() const {
    return std::accumulate(
        files.begin(), files.end(), std::int64_t{0}, [](auto sum, const auto& f) {
            return sum + f.bytes;
        });
}

Decimal Manifest::total() const {
    return std::accumulate(
        totals.begin(), totals.end(), Decimal(), [](const auto& sum, const auto& t) {
            return sum + t.total;
        });
}

std::string manifest_text(const Manifest& manifest) {
    Lines lines;
    lines.add_json("manifest", std::to_string(kManifestVersion));
    lines.add("export", manifest.name);
    lines.add("format", std::string(format_name(manifest.format)));
    if (manifest.format == Format::focus) {
        lines.add("focus_version", manifest.focus_version);
    }
    lines.add("compression", std::string(compression_name(manifest.compression)));
    lines.add("period", manifest.period);
    lines.add("period_start", manifest.period_start);
    lines.add("period_end", manifest.period_end);
    lines.add("state", manifest.state);
    lines.add("timezone", manifest.timezone);
    lines.add("currency", manifest.currency);
    lines.add("book", manifest.book);
    lines.add_json("log", log_json(manifest));
    lines.add("as_of", manifest.as_of);
    lines.add("checkpoint", manifest.checkpoint);
    lines.add_json("columns", list_json(manifest.columns, billing::json_string));
    lines.add_json("files", list_json(manifest.files, file_json));
    lines.add_json("rows", std::to_string(manifest.rows()));
    lines.add_json("totals", list_json(manifest.totals, total_json));
    lines.add("total", manifest.total().to_string());
    lines.add_json("supersedes", superseded_json(manifest.supersedes));
    return lines.text();
}

Result<Manifest> parse_manifest(std::string_view text) {
    Duplicates duplicates;
    const json document = json::parse(
        text,
        [&duplicates](int /*depth*/, json::parse_event_t event, const json& value) {
            duplicates.see(event, value);
            return true;
        },
        /*allow_exceptions=*/false);
    if (!document.is_object()) {
        return malformed("expected a manifest, which is a JSON object");
    }
    if (!duplicates.name().empty()) {
        return malformed("expected each member once, got " + shown(duplicates.name()) + " twice");
    }
    Members members(document);
    Manifest manifest;
    if (members.number("manifest") != kManifestVersion) {
        members.fail("manifest", "the version 1");
    }
    read_format(members, manifest);
    read_origin(members, manifest);
    read_columns(members, manifest);
    read_files(members, manifest);
    read_totals(members, manifest);
    if (members.number("rows") != manifest.rows()) {
        members.fail("rows", "the sum of those of the files");
    }
    if (!(members.decimal("total") == manifest.total())) {
        members.fail("total", "the sum of the totals");
    }
    if (!members.fault().empty()) {
        return malformed(members.fault());
    }
    return manifest;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): it is symmetric.
bool same_content(const Manifest& left, const Manifest& right) {
    Manifest compared = left;
    compared.log_size = right.log_size;
    compared.log_root = right.log_root;
    compared.as_of = right.as_of;
    compared.checkpoint = right.checkpoint;
    compared.supersedes = right.supersedes;
    return compared == right;
}

}  // namespace dcm::exports
