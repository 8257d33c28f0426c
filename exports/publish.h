#pragma once

#include "base/result.h"
#include "billing/statement.h"
#include "exports/folder.h"
#include "exports/manifest.h"
#include "exports/plan.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dcm::exports {

// What a period's export is made of.
struct PeriodContent {
    const billing::StatementOrigin& origin;
    const std::vector<billing::StatementTotal>& totals;
    std::function<void(const billing::StatementVisitor&)> each_line;
    std::string issuer;
    Instant as_of;           // where open intervals are cut
    std::string checkpoint;  // signed note that covers the log it was computed from
};

// How far it is: lines written. False stops it.
using KeepGoing = std::function<bool(std::int64_t lines)>;

struct Published {
    Manifest manifest;
    std::string manifest_sha256;
    bool is_new = false;  // false: the same was there already, and nothing was touched
};

// The folder `<destination>/<name>` of an export, held by one process at a time: until this is
// gone, or the process. Throws Failure (environment) where files and folders cannot be had.
class ExportFolder {
public:
    // Made where it is missing. nullopt while another process has it.
    [[nodiscard]] static std::optional<ExportFolder> take(ExportPlan plan);

    // Throws Failure (malformed) where it holds a period of another log than these, the names that
    // the log has or had: to be asked before anything is published or removed.
    void require_logs(const std::vector<std::string>& logs) const;
    // The manifest of a period that is published; nullopt when there is none that we wrote.
    [[nodiscard]] std::optional<Manifest> published(const std::string& period) const;
    // The periods that have one, in order.
    [[nodiscard]] std::vector<std::string> periods() const;

    // Whether a period is there in the form of the plan: its manifest is the one of this hash, and
    // its file lies there alone, as the manifest says. What nobody touched is not read.
    [[nodiscard]] bool holds(const std::string& period, const std::string& manifest_sha256) const;

    // Writes, checks and publishes a period. First everything is made in a folder aside; then the
    // old manifest goes, the data file takes its place, and the new manifest comes last: whoever
    // reads by manifests sees one whole export or none. An Error, or a Failure, leaves what was
    // published before as it was, unless it came after the data file took its place, or nothing can
    // be written any more: then nothing is published until the next run.
    [[nodiscard]] Result<Published> publish(const PeriodContent& content, const KeepGoing& go_on);

    // Removes the oldest periods beyond `keep`, and what a process that was killed left of older
    // ones; never what nobody can tell whose it is.
    void remove_old() const;

private:
    ExportFolder(ExportPlan plan, Folder folder);

    [[nodiscard]] Result<Manifest> write_part(const PeriodContent& content, const KeepGoing& go_on);
    [[nodiscard]] bool is_whole(const Manifest& manifest) const;
    [[nodiscard]] bool is_intact(const Manifest& manifest) const;
    [[nodiscard]] bool is_untouched(const Manifest& manifest) const;
    void put_in_place(const Manifest& manifest, const std::optional<Manifest>& before) const;
    void put_back(const Folder& metadata_of_period, const Manifest& before) const;
    [[nodiscard]] std::optional<std::string> read_manifest(const std::string& period) const;
    [[nodiscard]] std::optional<std::string> log_named_in(const std::string& period) const;
    [[nodiscard]] bool is_removable(const std::string& period) const;
    [[nodiscard]] std::set<std::string> periods_with_folders() const;
    void remove_period(const std::string& period) const;

    ExportPlan plan_;
    Folder folder_;
    std::optional<Folder> staging_;
};

}  // namespace dcm::exports
