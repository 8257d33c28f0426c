#include "base/shown.h"
#include "cli/doctor.h"
#include "cli/progress.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <system_error>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFreeBytesLow = std::int64_t{1} << 30U;
constexpr std::int64_t kFreePercentLow = 5;
// The ingesting process empties the write-ahead log as it goes; only a reader that stays for long
// lets it grow so far.
constexpr std::int64_t kWalBytesHigh = std::int64_t{1} << 30U;

struct FileSystem {
    std::int64_t type;
    const char* name;
};
constexpr std::int64_t kCifs = 0xFF534D42;
constexpr std::int64_t kSmb2 = 0xFE534D42;
constexpr std::int64_t kFuse = 0x65735546;
constexpr std::array<FileSystem, 8> kUnsafeFileSystems{{
    {NFS_SUPER_MAGIC, "NFS"},
    {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {SMB_SUPER_MAGIC, "SMB"},
    {kCifs, "CIFS"},
    {kSmb2, "SMB"},
    {kFuse, "FUSE"},
    {V9FS_MAGIC, "9P"},
    {AFS_SUPER_MAGIC, "AFS"},
}};

// The folder a file lies in, or will.
fs::path folder_of(const fs::path& file) {
    const fs::path folder = file.parent_path();
    return folder.empty() ? "." : folder;
}

std::optional<struct stat> status_of(const fs::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

bool others_may(const struct stat& status, mode_t what) {
    return (status.st_mode & what) != 0;
}

void check_name(const fs::path& database, const struct stat& status, Findings& findings) {
    if (S_ISLNK(status.st_mode)) {
        findings.add({Severity::fail,
                      "database file",
                      database.string() + " is a symbolic link",
                      "name the file itself: whoever changes the link puts another database in "
                      "its place"});
        return;
    }
    if (!S_ISREG(status.st_mode)) {
        findings.add({Severity::fail,
                      "database file",
                      database.string() + " is no regular file",
                      "name the file itself"});
        return;
    }
    if (status.st_nlink > 1) {
        findings.add({Severity::fail,
                      "database file",
                      database.string() + " has " + std::to_string(status.st_nlink) + " names",
                      "remove the other hard links: opened by another name, its write-ahead log "
                      "is not found"});
        return;
    }
    findings.add({Severity::ok, "database file", database.string(), ""});
}

void check_mode(const fs::path& database, const struct stat& status, Findings& findings) {
    if (others_may(status, S_IWOTH)) {
        findings.add({Severity::fail,
                      "database permissions",
                      "everybody can write to it",
                      "chmod o-rwx " + shell_word(database.string())});
    } else if (others_may(status, S_IROTH)) {
        findings.add({Severity::warn,
                      "database permissions",
                      "everybody can read it, and payloads can hold secrets",
                      "chmod o-rwx " + shell_word(database.string())});
    } else {
        findings.add({Severity::ok, "database permissions", "owner and group only", ""});
    }
}

void check_file_system(const fs::path& database, Findings& findings) {
    struct statfs system {};
    if (::statfs(database.c_str(), &system) == 0) {
        findings.add(judge_file_system(system.f_type));
    }
}

void check_write_ahead_log(const fs::path& database, Findings& findings) {
    std::error_code missing;
    const auto size = fs::file_size(database.string() + "-wal", missing);
    const std::int64_t bytes = missing ? 0 : static_cast<std::int64_t>(size);
    const std::string shown = shown_amount(bytes, Progress::Unit::bytes);
    if (bytes > kWalBytesHigh) {
        findings.add({Severity::warn,
                      "write-ahead log",
                      shown,
                      "look for a process that reads for long, or start the consumer"});
    } else {
        findings.add({Severity::ok, "write-ahead log", shown, ""});
    }
}

// Here it is looked at from outside: that it is there, and nobody else's to write.
struct NamedFile {
    const char* check;
    const fs::path& path;
    const char* advice_when_missing;
};

void check_evidence_file(const NamedFile& file, Findings& findings) {
    const auto status = status_of(file.path);
    if (!status) {
        findings.add({Severity::warn,
                      file.check,
                      "there is none at " + file.path.string(),
                      file.advice_when_missing});
    } else if (others_may(*status, S_IWOTH)) {
        findings.add({Severity::fail,
                      file.check,
                      "everybody can write to " + file.path.string(),
                      "chmod o-w " + shell_word(file.path.string())});
    } else {
        findings.add({Severity::ok, file.check, file.path.string(), ""});
    }
}

// Who can change the database can change what lies beside it.
void check_distance(const EvidencePlaces& places, const fs::path& database, Findings& findings) {
    const auto here = status_of(folder_of(database));
    const auto is_here = [&here](const fs::path& file) {
        const auto there = status_of(folder_of(file));
        return here && there && here->st_dev == there->st_dev;
    };
    if (!places.has_remote_anchor &&
        std::all_of(places.anchor_files.begin(), places.anchor_files.end(), is_here)) {
        findings.add({Severity::warn,
                      "anchors' place",
                      "every anchor is on the database's volume: this protects against accidents "
                      "only",
                      "set audit.anchors to a file on a volume that the database's administrator "
                      "does not control"});
    } else {
        findings.add({Severity::ok, "anchors' place", "not only on the database's volume", ""});
    }
    std::error_code missing;
    if (fs::equivalent(folder_of(places.signer.key), folder_of(database), missing)) {
        findings.add({Severity::warn,
                      "key's place",
                      "beside the database: who copies the folder can sign",
                      "set audit.key to a folder of its own"});
    } else {
        findings.add({Severity::ok, "key's place", "not beside the database", ""});
    }
}

}  // namespace

Diagnosis judge_file_system(std::int64_t type) {
    const auto* const known = std::find_if(
        kUnsafeFileSystems.begin(), kUnsafeFileSystems.end(), [type](const FileSystem& one) {
            return one.type == type;
        });
    if (known != kUnsafeFileSystems.end()) {
        return {Severity::fail,
                "file system",
                std::string(known->name) + " does not keep SQLite's promises of locking and order",
                "put the database on a local disk"};
    }
    if (type == TMPFS_MAGIC || type == RAMFS_MAGIC) {
        return {Severity::warn,
                "file system",
                "in memory: the database is gone with the power",
                "put the database on a local disk"};
    }
    return {Severity::ok, "file system", "local", ""};
}

Diagnosis judge_space(const std::string& volume, Space space) {
    const std::string found =
        shown_amount(space.free_bytes, Progress::Unit::bytes) + " free on the volume of " + volume;
    if (space.free_bytes <= 0) {
        return {Severity::fail, "disk space", found, "make room: nothing can be recorded"};
    }
    // Divided, not multiplied: the product need not fit.
    const bool is_low = space.free_bytes < kFreeBytesLow ||
                        space.free_bytes / kFreePercentLow < space.total_bytes / 100;
    if (is_low) {
        return {Severity::warn, "disk space", found, "make room"};
    }
    return {Severity::ok, "disk space", found, ""};
}

bool check_database_file(const store::DatabaseUrl& url, Findings& findings) {
    const fs::path& database = url.path;
    const auto named = status_of(url.named);
    const auto status = status_of(database);
    if (!status || !named) {
        findings.add({Severity::fail,
                      "database file",
                      "there is none at " + database.string(),
                      "the first consume or replay creates it"});
        return false;
    }
    check_name(url.named, *named, findings);
    check_file_system(database, findings);
    check_mode(database, *status, findings);
    check_write_ahead_log(database, findings);
    return true;
}

void check_evidence_files(const EvidencePlaces& places,
                          const fs::path& database,
                          Findings& findings) {
    check_evidence_file(
        {"signer's state", places.signer.state, "it is made again from the stored checkpoint"},
        findings);
    for (const fs::path& file : places.anchor_files) {
        check_evidence_file(
            {"anchor", file, "without it nothing shows that the log was rolled back"}, findings);
    }
    check_distance(places, database, findings);
}

void check_volumes(const EvidencePlaces& places, const fs::path& database, Findings& findings) {
    std::vector<fs::path> folders{folder_of(database)};
    std::transform(places.anchor_files.begin(),
                   places.anchor_files.end(),
                   std::back_inserter(folders),
                   folder_of);
    std::set<dev_t> seen;
    for (const fs::path& folder : folders) {
        struct statvfs volume {};
        const auto status = status_of(folder);
        if (!status || ::statvfs(folder.c_str(), &volume) != 0) {
            findings.add({Severity::fail,
                          "disk space",
                          "cannot look at the volume of " + folder.string() + ": " +
                              std::generic_category().message(errno),
                          ""});
        } else if (seen.insert(status->st_dev).second) {
            const auto bytes = [&volume](fsblkcnt_t blocks) {
                return static_cast<std::int64_t>(blocks * volume.f_frsize);
            };
            findings.add(
                judge_space(folder.string(), {bytes(volume.f_bavail), bytes(volume.f_blocks)}));
        }
    }
}

}  // namespace dcm::cli
