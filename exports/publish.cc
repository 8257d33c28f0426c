#include "exports/publish.h"

#include "audit/hash.h"
#include "base/shown.h"
#include "exports/part_file.h"
#include "exports/row_format.h"
#include "focus/table.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace dcm::exports {
namespace {

constexpr std::int64_t kLinesBetweenLooks = 1'024;
// The manifest before, in the folder aside.
constexpr const char* kFormerManifestName = "former-manifest.json";

std::string data_name(const Manifest& manifest) {
    return std::string(kDataFolder) + '/' + period_folder_name(manifest.period) + '/' +
           part_name(manifest.format, manifest.compression);
}

// Takes the folder aside away at the end, also when what was to come of it failed. Where that fails
// as well, the next run does it.
class StagingGuard {
public:
    explicit StagingGuard(const Folder& folder) : folder_(folder) {}
    StagingGuard(const StagingGuard&) = delete;
    StagingGuard& operator=(const StagingGuard&) = delete;
    ~StagingGuard() {
        try {
            folder_.remove_folder(kStagingFolder);
        } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see above.
        }
    }

private:
    const Folder& folder_;
};

// What a look at a period finds: nothing where something else stands there, which is told when the
// period is made.
template <typename Look>
auto found_by(const Look& look) -> decltype(look()) {
    try {
        return look();
    } catch (const Failure&) {
        return {};
    }
}

// The folder of a period in one of the two parts of an export.
std::optional<Folder> folder_of(const Folder& folder, const char* part, const std::string& period) {
    const auto opened = folder.child(part);
    return opened ? opened->child(period_folder_name(period)) : std::nullopt;
}

// Of a signed note: which log it is about.
std::string log_of(const std::string& note) {
    return note.substr(0, note.find('\n'));
}

std::string manifest_hash(const Manifest& manifest) {
    return audit::to_hex(audit::sha256(manifest_text(manifest)));
}

Manifest manifest_of(const ExportPlan& plan, const PeriodContent& content) {
    const billing::StatementOrigin& origin = content.origin;
    Manifest manifest;
    manifest.name = plan.name;
    manifest.format = plan.format;
    manifest.focus_version = plan.format == Format::focus ? focus::focus_1_2().version : "";
    manifest.compression = plan.compression;
    manifest.period = origin.period;
    manifest.period_start = format_rfc3339(origin.during.start);
    manifest.period_end = format_rfc3339(origin.during.end);
    manifest.state = origin.closing ? "closed" : "open";
    manifest.timezone = origin.timezone;
    manifest.currency = origin.currency;
    manifest.book = origin.book_digest;
    manifest.log_size = origin.log_size;
    manifest.log_root = origin.log_root;
    manifest.as_of = format_rfc3339(origin.closing ? origin.closing->at : content.as_of);
    manifest.checkpoint = content.checkpoint;
    for (const billing::StatementTotal& total : content.totals) {
        manifest.totals.push_back(
            {total.tenant, total.total_rounded, total.line_end - total.first_line});
    }
    return manifest;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "" : "\n  ") + line;
    }
    return text;
}

}  // namespace

std::optional<ExportFolder> ExportFolder::take(ExportPlan plan) {
    Folder folder = Folder::make(plan.destination).make_child(plan.name);
    if (!folder.try_lock()) {
        return std::nullopt;
    }
    // What a killed process left.
    folder.remove_folder(kStagingFolder);
    return ExportFolder(std::move(plan), std::move(folder));
}

ExportFolder::ExportFolder(ExportPlan plan, Folder folder)
    : plan_(std::move(plan)), folder_(std::move(folder)) {}

void ExportFolder::require_logs(const std::vector<std::string>& logs) const {
    for (const std::string& period : periods_with_folders()) {
        const auto log = log_named_in(period);
        if (log && std::find(logs.begin(), logs.end(), *log) == logs.end()) {
            throw Failure(ErrorKind::malformed,
                          "expected exports of the log " + logs.back() + " alone in " +
                              folder_.path().string() + ", found " + period + " of the log " +
                              on_one_line(*log) +
                              ": give the export of one of the two databases another name or "
                              "destination; nothing was written");
        }
    }
}

std::optional<std::string> ExportFolder::read_manifest(const std::string& period) const {
    const auto folder = folder_of(folder_, kMetadataFolder, period);
    return folder ? folder->read(kManifestName, kManifestBytesMax) : std::nullopt;
}

// The log that the manifest of a period says it is of, whoever wrote it; nullopt where none can be
// read.
std::optional<std::string> ExportFolder::log_named_in(const std::string& period) const {
    return found_by([&]() -> std::optional<std::string> {
        const Result<Manifest> manifest = parse_manifest(read_manifest(period).value_or(""));
        return manifest.ok() ? std::optional(log_of(manifest.value().checkpoint)) : std::nullopt;
    });
}

std::optional<Manifest> ExportFolder::published(const std::string& period) const {
    const auto text = read_manifest(period);
    if (!text) {
        return std::nullopt;
    }
    Result<Manifest> manifest = parse_manifest(*text);
    const bool is_ours = manifest.ok() && manifest_text(manifest.value()) == *text;
    return is_ours ? std::optional(std::move(manifest).value()) : std::nullopt;
}

std::vector<std::string> ExportFolder::periods() const {
    std::vector<std::string> periods;
    if (const auto metadata = folder_.child(kMetadataFolder)) {
        for (const std::string& name : metadata->names()) {
            const auto period = period_of_folder(name);
            if (period && published(*period)) {
                periods.push_back(*period);
            }
        }
    }
    return periods;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): a month and a hash.
bool ExportFolder::holds(const std::string& period, const std::string& manifest_sha256) const {
    return found_by([&] {
        const auto manifest = published(period);
        return manifest && manifest_hash(*manifest) == manifest_sha256 &&
               manifest->format == plan_.format && manifest->compression == plan_.compression &&
               manifest->columns == format_columns(plan_.format) && is_untouched(*manifest);
    });
}

Result<Published> ExportFolder::publish(const PeriodContent& content, const KeepGoing& go_on) {
    const auto before = published(content.origin.period);
    const StagingGuard guard(folder_);
    folder_.remove_folder(kStagingFolder);
    staging_ = folder_.make_child(kStagingFolder);
    Result<Manifest> written = write_part(content, go_on);
    if (!written.ok()) {
        return written.error();
    }
    Manifest manifest = std::move(written).value();
    // What a log was called before a fork may name records that are lost.
    const bool is_same = before && log_of(before->checkpoint) == log_of(manifest.checkpoint) &&
                         same_content(*before, manifest) && is_intact(*before);
    if (is_same) {
        manifest = *before;
    } else if (before) {
        manifest.supersedes = Superseded{manifest_hash(*before), before->state, before->log_size};
    }
    if (!is_same) {
        staging_->write(kManifestName, manifest_text(manifest));
        staging_->sync();
        put_in_place(manifest, before);
    }
    folder_.remove_folder(kStagingFolder);
    return Published{manifest, manifest_hash(manifest), !is_same};
}

// The data file, aside and durable, with a manifest that describes it.
Result<Manifest> ExportFolder::write_part(const PeriodContent& content, const KeepGoing& go_on) {
    Manifest manifest = manifest_of(plan_, content);
    const RowFormat format = row_format(plan_.format,
                                        {manifest.period,
                                         content.origin.during,
                                         content.issuer,
                                         manifest.currency,
                                         content.origin.closing.has_value()});
    manifest.columns = format.columns;
    PartWriter part(*staging_, part_name(plan_.format, plan_.compression), manifest);
    format.append_header(part.text());
    std::int64_t lines = 0;
    content.each_line([&](const billing::StatementLine& line) {
        format.append_row(part.text(), line);
        part.flush_if_full();
        if (++lines % kLinesBetweenLooks == 0 && !go_on(lines)) {
            throw Failure(ErrorKind::environment, "stopped before it was complete");
        }
    });
    PartWriter::Written written = part.finish();
    check_totals(plan_.format, manifest.totals, written.content);
    if (!written.content.problems.empty()) {
        return malformed("what was written for " + manifest.period +
                         " is not sound, and is not "
                         "published:\n  " +
                         joined(written.content.problems));
    }
    written.file.name = data_name(manifest);
    manifest.files.push_back(written.file);
    return manifest;
}

// Whether the file is as the manifest says: somebody may have changed it since.
bool ExportFolder::is_whole(const Manifest& manifest) const {
    const std::string part = part_name(manifest.format, manifest.compression);
    const auto folder = folder_of(folder_, kDataFolder, manifest.period);
    const auto file = folder ? measure_file(*folder, part) : std::nullopt;
    return file && manifest.files.size() == 1 && file->sha256 == manifest.files.front().sha256;
}

// The same, and nobody put another part beside it.
bool ExportFolder::is_intact(const Manifest& manifest) const {
    const auto folder = folder_of(folder_, kDataFolder, manifest.period);
    return folder && is_whole(manifest) &&
           other_parts(*folder, part_name(manifest.format, manifest.compression)).empty();
}

// The data file takes its place before the manifest: who changed it later left a later time.
bool ExportFolder::is_untouched(const Manifest& manifest) const {
    const std::string part = part_name(manifest.format, manifest.compression);
    const auto data = folder_of(folder_, kDataFolder, manifest.period);
    const auto metadata = folder_of(folder_, kMetadataFolder, manifest.period);
    const auto file = data ? data->facts(part) : std::nullopt;
    const auto marker = metadata ? metadata->facts(kManifestName) : std::nullopt;
    if (!file || !marker || file->bytes != manifest.bytes() || !other_parts(*data, part).empty()) {
        return false;
    }
    return file->changed_ns < marker->changed_ns || is_intact(manifest);
}

void ExportFolder::put_in_place(const Manifest& manifest,
                                const std::optional<Manifest>& before) const {
    const std::string period = period_folder_name(manifest.period);
    const std::string part = part_name(manifest.format, manifest.compression);
    const Folder data_of_period = folder_.make_child(kDataFolder).make_child(period);
    const Folder metadata_of_period = folder_.make_child(kMetadataFolder).make_child(period);
    if (before) {
        metadata_of_period.move(kManifestName, *staging_, kFormerManifestName);
    } else {
        metadata_of_period.remove(kManifestName);
    }
    try {
        metadata_of_period.sync();
        staging_->move(part, data_of_period, part);
    } catch (const Failure&) {
        if (before) {
            put_back(metadata_of_period, *before);
        }
        throw;
    }
    // Of another format or compression, which the plan had before.
    for (const std::string& name : other_parts(data_of_period, part)) {
        data_of_period.remove(name);
    }
    data_of_period.sync();
    staging_->move(kManifestName, metadata_of_period, kManifestName);
    metadata_of_period.sync();
}

// What was published before is so again, as long as its data is whole: data that somebody changed
// would look older than the manifest that comes back, and so untouched.
void ExportFolder::put_back(const Folder& metadata_of_period, const Manifest& before) const {
    static_cast<void>(found_by([&] {
        if (!is_whole(before)) {
            return false;
        }
        staging_->move(kFormerManifestName, metadata_of_period, kManifestName);
        metadata_of_period.sync();
        return true;
    }));
}

void ExportFolder::remove_old() const {
    const std::vector<std::string> all = periods();
    if (plan_.keep == 0 || all.size() < plan_.keep) {
        return;
    }
    const std::string& oldest_kept = all[all.size() - plan_.keep];
    for (const std::string& period : periods_with_folders()) {
        if (period < oldest_kept && is_removable(period)) {
            remove_period(period);
        }
    }
}

// With a manifest that says whose it is, which require_logs() looked at, or with none.
bool ExportFolder::is_removable(const std::string& period) const {
    return log_named_in(period) || found_by([&] { return !read_manifest(period); });
}

// Those that are published, and those of which a process that was killed left a part.
std::set<std::string> ExportFolder::periods_with_folders() const {
    std::set<std::string> periods;
    for (const char* const part : {kMetadataFolder, kDataFolder}) {
        const auto folder = folder_.child(part);
        for (const std::string& name : folder ? folder->names() : std::vector<std::string>{}) {
            const auto period = period_of_folder(name);
            if (period && folder->is_folder(name)) {
                periods.insert(*period);
            }
        }
    }
    return periods;
}

void ExportFolder::remove_period(const std::string& period) const {
    const std::string name = period_folder_name(period);
    // The manifest first: what it names is no longer promised.
    for (const char* const part : {kMetadataFolder, kDataFolder}) {
        if (const auto folder = folder_.child(part)) {
            folder->remove_folder(name);
            folder->sync();
        }
    }
}

}  // namespace dcm::exports
