#include "exports/validate.h"

#include "base/shown.h"
#include "exports/folder.h"
#include "exports/part_file.h"

#include <algorithm>
#include <iterator>
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

// Whether the folder is that of an export.
bool validate_export(const Folder& folder,
                     const std::function<void(const ValidatedPeriod&)>& visit) {
    const auto metadata = folder.child(kMetadataFolder);
    if (!metadata) {
        return false;
    }
    for (const std::string& name : metadata->names()) {
        const auto period = period_of_folder(name);
        const auto of_period = period ? metadata->child(name) : std::nullopt;
        const auto text =
            of_period ? of_period->read(kManifestName, kManifestBytesMax) : std::nullopt;
        if (text) {
            ValidatedPeriod found;
            found.folder = folder.path();
            found.period = *period;
            check_manifest(folder, *text, found);
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
