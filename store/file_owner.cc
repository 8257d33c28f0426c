#include "store/file_owner.h"

#include "base/result.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::store {
namespace {

// The database's name, where the file is one of those that SQLite makes beside it.
std::optional<std::string> database_beside(const std::string& file) {
    for (const std::string_view suffix : {"-wal", "-shm", "-journal"}) {
        if (file.ends_with(suffix)) {
            return file.substr(0, file.size() - suffix.size());
        }
    }
    return std::nullopt;
}

}  // namespace

FileOwner::FileOwner(int descriptor) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) == 0) {
        user_ = facts.st_uid;
        group_ = facts.st_gid;
    }
}

FileOwner::FileOwner(int folder, const std::filesystem::path& name) : FileOwner(folder) {
    struct stat facts {};
    if (::fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        user_ = facts.st_uid;
        group_ = facts.st_gid;
    }
}

void FileOwner::take(int made) const {
    struct stat facts {};
    const bool is_roots = ::geteuid() == 0 && ::fstat(made, &facts) == 0 && facts.st_uid == 0;
    if (is_roots && (user_ != 0 || group_ != facts.st_gid)) {
        static_cast<void>(::fchown(made, user_, group_));
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.parent_path();
    return folder.empty() ? "." : folder;
}

FilePlace::FilePlace(const std::filesystem::path& file)
    : file_(file),
      name_(file.filename()),
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
      folder_(::open(folder_of(file).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      fault_(errno) {}

FilePlace::~FilePlace() {
    if (folder_ >= 0) {
        ::close(folder_);
    }
}

int FilePlace::open(int flags, mode_t mode) const {
    if (folder_ < 0) {
        errno = fault_;
        return folder_;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    return ::openat(folder_, name_.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

int FilePlace::make(int flags, mode_t mode) const {
    return make_for(FileOwner(folder_), flags, mode);
}

int FilePlace::make_folder(mode_t mode) const {
    if (folder_ >= 0 && ::mkdirat(folder_, name_.c_str(), mode) != 0) {
        return -1;
    }
    const int made = open(O_RDONLY | O_DIRECTORY);
    if (made >= 0) {
        FileOwner(folder_).take(made);
    }
    return made;
}

FileOwner FilePlace::owner_of(const std::filesystem::path& file) const {
    return {folder_, file.filename()};
}

int FilePlace::make_to_replace(const std::filesystem::path& file, mode_t mode) const {
    return make_for(owner_of(file), O_WRONLY, mode);
}

int FilePlace::make_for(const FileOwner& owner, int flags, mode_t mode) const {
    const int made = open(flags | O_CREAT | O_EXCL, mode);
    if (made >= 0) {
        owner.take(made);
    }
    return made;
}

int FilePlace::open_beside(const std::filesystem::path& database, int flags, mode_t mode) const {
    const int made = make_for(owner_of(database), flags, mode);
    if (made >= 0 || errno != EEXIST) {
        return made;
    }
    const int opened = open(flags & ~O_EXCL);
    if (opened >= 0 && !strangeness(opened).empty()) {
        ::close(opened);
        errno = ELOOP;
        return -1;
    }
    return opened;
}

int FilePlace::open_own(int flags) const {
    const int opened = open(flags | O_NONBLOCK);
    const int fault = errno;
    const std::string found = strangeness(opened);
    if (!found.empty()) {
        ::close(opened);
        throw Failure(
            ErrorKind::environment,
            "expected a file of its own to write in at " + file_.string() + ", found " + found);
    }
    errno = fault;
    return opened;
}

int FilePlace::open_or_make(int flags, mode_t mode) const {
    int opened = open_own(flags);
    if (opened < 0 && errno == ENOENT) {
        opened = make(flags, mode);
        if (opened < 0 && errno == EEXIST) {
            // Another process was faster.
            opened = open_own(flags);
        }
    }
    return opened;
}

int FilePlace::move_over(const std::filesystem::path& file) const {
    return ::renameat(folder_, name_.c_str(), folder_, file.filename().c_str());
}

int FilePlace::move_to(const std::filesystem::path& file) const {
    const std::filesystem::path name = file.filename();
    const int moved = ::renameat2(folder_, name_.c_str(), folder_, name.c_str(), RENAME_NOREPLACE);
    const bool knows_no_flag = moved != 0 && errno == EINVAL;  // some network file systems
    if (!knows_no_flag) {
        return moved;
    }
    const int linked = link_to(file);
    if (linked == 0) {
        remove();
    }
    return linked;
}

int FilePlace::link_to(const std::filesystem::path& file) const {
    return ::linkat(folder_, name_.c_str(), folder_, file.filename().c_str(), 0);
}

void FilePlace::remove() const {
    static_cast<void>(::unlinkat(folder_, name_.c_str(), 0));
}

// Why there is no file of our own; empty where that is not known.
std::string FilePlace::strangeness(int opened) const {
    struct stat facts {};
    const bool is_known =
        (opened < 0 ? ::fstatat(folder_, name_.c_str(), &facts, AT_SYMLINK_NOFOLLOW)
                    : ::fstat(opened, &facts)) == 0;
    if (!is_known) {
        return "";
    }
    if (S_ISLNK(facts.st_mode)) {
        return "a link, which is not followed";
    }
    if (!S_ISREG(facts.st_mode)) {
        return "something else";
    }
    return facts.st_nlink > 1 ? "one that has another name, too" : "";
}

int open_for_sqlite(const char* path, int flags, int mode) {
    const auto database = database_beside(path);
    if (!database || (flags & O_CREAT) == 0) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
        return ::open(path, flags, mode);
    }
    return FilePlace(path).open_beside(*database, flags, static_cast<mode_t>(mode));
}

int keep_owner(int /*file*/, uid_t /*user*/, gid_t /*group*/) {
    return 0;
}

}  // namespace dcm::store
