#include "exports/validate.h"

#include "audit/note.h"
#include "base/shown.h"
#include "base/zone.h"
#include "billing/statement.h"
#include "billing/terminal_text.h"
#include "exports/folder.h"
#include "exports/part_file.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace dcm::exports {
namespace {

std::vector<std::string> prefixed(const std::string& name, const std::vector<std::string>& lines) {
    std::vector<std::string> found;
    std::transform(
        lines.begin(), lines.end(), std::back_inserter(found), [&name](const auto& line) {
            return name + ": " + line;
        });
    return found;
}

void append(std::vector<std::string>& to, std::vector<std::string> lines) {
    to.insert(
        to.end(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
}

// The one name a manifest of this period can give its file.
std::string expected_name(const Manifest& manifest, const std::string& period) {
    return std::string(kDataFolder) + '/' + period_folder_name(period) + '/' +
           part_name(manifest.format, manifest.compression);
}

std::string name_of(const Folder& folder) {
    std::error_code fault;
    const std::filesystem::path whole = std::filesystem::canonical(folder.path(), fault);
    return (fault ? folder.path() : whole).filename().string();
}

void check_file(const Folder& data, const Manifest& manifest, ValidatedPeriod& found) {
    const ManifestFile& promised = manifest.files.front();
    PartWriter::Written read =
        read_part(data, part_name(manifest.format, manifest.compression), manifest);
    if (read.file.bytes != promised.bytes) {
        read.content.problems.push_back("expected " + std::to_string(promised.bytes) +
                                        " bytes, got " + std::to_string(read.file.bytes));
    }
    if (read.file.sha256 != promised.sha256) {
        read.content.problems.push_back("expected the SHA-256 " + on_one_line(promised.sha256) +
                                        ", got " + read.file.sha256);
    }
    if (read.content.rows != promised.rows) {
        read.content.problems.push_back("expected " + std::to_string(promised.rows) +
                                        " rows, got " + std::to_string(read.content.rows));
    }
    check_totals(manifest.format, manifest.totals, read.content);
    found.rows = read.content.rows;
    found.bytes = read.file.bytes;
    append(found.problems, prefixed(promised.name, read.content.problems));
    append(found.advice, prefixed(promised.name, read.content.advice));
}

constexpr Duration kDay{std::int64_t{24} * 3'600 * kMicrosPerSecond};

// The month as the manifest's zone has it, or had it, and the log as its checkpoint does.
void check_members(const Manifest& manifest, ValidatedPeriod& found) {
    const auto expect =
        [&found](const std::string& what, const std::string& right, const std::string& got) {
            if (right != got) {
                found.problems.push_back("manifest: expected " + what + ' ' + right + ", got " +
                                         shown(got));
            }
        };
    const auto zone = Zone::find(manifest.timezone);
    if (zone.ok()) {
        // Its rules were others where the zone's have changed since the month was closed: by hours.
        const auto expect_day_of = [&](const std::string& what,
                                       Instant at,
                                       const std::string& got) {
            const Result<Instant> told = parse_rfc3339(got);
            const bool is_near = told.ok() && told.value() < at + kDay && at < told.value() + kDay;
            expect(what, is_near ? got : format_rfc3339(at), got);
        };
        const Period month =
            billing::billing_period(value_or_throw(parse_month(manifest.period)), zone.value())
                .during;
        expect_day_of("period_start", month.start, manifest.period_start);
        expect_day_of("period_end", month.end, manifest.period_end);
    } else {
        found.problems.push_back("manifest: " + zone.error().message);
    }
    const auto checkpoint = audit::stated_checkpoint(manifest.checkpoint);
    if (!checkpoint.ok()) {
        found.problems.push_back("manifest: checkpoint: " + checkpoint.error().message);
    } else if (checkpoint.value().size < manifest.log_size) {
        found.problems.push_back("manifest: expected a checkpoint of at least " +
                                 std::to_string(manifest.log_size) + " records, got one of " +
                                 std::to_string(checkpoint.value().size));
    } else if (checkpoint.value().size == manifest.log_size) {
        expect("the root of its checkpoint",
               audit::to_base64(checkpoint.value().root),
               manifest.log_root);
    }
}

void check_manifest(const Folder& folder, const std::string& text, ValidatedPeriod& found) {
    const Result<Manifest> parsed = parse_manifest(text);
    if (!parsed.ok()) {
        found.problems.push_back("manifest: " + parsed.error().message);
        return;
    }
    const Manifest& manifest = parsed.value();
    if (manifest.period != found.period) {
        found.problems.push_back("manifest: expected the period " + found.period + ", got " +
                                 shown(manifest.period));
        return;
    }
    if (manifest.files.size() != 1 ||
        manifest.files.front().name != expected_name(manifest, found.period)) {
        found.problems.push_back("manifest: expected the one file " +
                                 expected_name(manifest, found.period));
        return;
    }
    if (manifest.name != name_of(folder)) {
        found.problems.push_back("manifest: expected the export " + shown(name_of(folder)) +
                                 ", as the folder is called, got " + shown(manifest.name));
    }
    if (manifest.columns != expected_columns(manifest.format)) {
        found.problems.push_back("manifest: expected the columns of " +
                                 std::string(format_name(manifest.format)) + ", got others");
    }
    check_members(manifest, found);
    const auto data = folder.child(kDataFolder);
    const auto of_period = data ? data->child(period_folder_name(found.period)) : std::nullopt;
    if (!of_period) {
        found.problems.push_back("expected " + manifest.files.front().name + ", it is not there");
        return;
    }
    check_file(*of_period, manifest, found);
    const std::string part = part_name(manifest.format, manifest.compression);
    for (const std::string& other : other_parts(*of_period, part)) {
        found.problems.push_back("expected " + part + " alone in its folder, found " +
                                 shown(other));
    }
}

// What stands in the place of a file or folder and is none is a problem like others; a disk that
// cannot be read is no verdict.
void tell_strange(ValidatedPeriod& found, const std::function<void()>& look) {
    try {
        look();
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        found.problems.push_back(billing::visible_text(failure.what()));
    }
}

using Visitor = std::function<void(const ValidatedPeriod&)>;

// The months that one of the two folders of an export has something of.
std::set<std::string> months_in(const Folder& folder, const char* part, const Visitor& visit) {
    std::set<std::string> months;
    ValidatedPeriod found;
    found.folder = folder.path();
    found.period = part;
    tell_strange(found, [&] {
        const auto opened = folder.child(part);
        for (const std::string& name : opened ? opened->names() : std::vector<std::string>{}) {
            if (const auto period = period_of_folder(name)) {
                months.insert(*period);
            }
        }
    });
    if (!found.problems.empty()) {
        visit(found);
    }
    return months;
}

std::optional<std::string> manifest_of(const Folder& folder, const std::string& period) {
    const auto metadata = folder.child(kMetadataFolder);
    const auto of_period = metadata ? metadata->child(period_folder_name(period)) : std::nullopt;
    return of_period ? of_period->read(kManifestName, kManifestBytesMax) : std::nullopt;
}

// Data that no manifest names: a loader that knows nothing of manifests reads it.
void check_unpublished(const Folder& folder, ValidatedPeriod& found) {
    const auto data = folder.child(kDataFolder);
    const auto of_period = data ? data->child(period_folder_name(found.period)) : std::nullopt;
    if (of_period && !of_period->names().empty()) {
        found.problems.emplace_back(
            "expected a manifest for the data that is there, found none: it is not published");
    }
}

// Whether the folder is that of an export.
bool validate_export(const Folder& folder, const Visitor& visit) {
    const std::vector<std::string> names = folder.names();
    const bool has_metadata = std::find(names.begin(), names.end(), kMetadataFolder) != names.end();
    if (!has_metadata && !folder.is_folder(kDataFolder)) {
        return false;
    }
    std::set<std::string> months = months_in(folder, kDataFolder, visit);
    if (!has_metadata && months.empty()) {
        return false;  // an export may be called `data`
    }
    months.merge(months_in(folder, kMetadataFolder, visit));
    for (const std::string& month : months) {
        ValidatedPeriod found;
        found.folder = folder.path();
        found.period = month;
        bool is_published = false;
        tell_strange(found, [&] {
            const auto text = manifest_of(folder, month);
            is_published = text.has_value();
            text ? check_manifest(folder, *text, found) : check_unpublished(folder, found);
        });
        if (is_published || !found.problems.empty()) {
            visit(found);
        }
    }
    return true;
}

}  // namespace

void validate_exports(const std::filesystem::path& folder,
                      const std::function<void(const ValidatedPeriod&)>& visit) {
    const Folder opened = Folder::open(folder);
    if (validate_export(opened, visit)) {
        return;
    }
    for (const std::string& name : opened.names()) {
        const auto inside = opened.is_folder(name) ? opened.child(name) : std::nullopt;
        if (inside) {
            validate_export(*inside, visit);
        }
    }
}

}  // namespace dcm::exports
