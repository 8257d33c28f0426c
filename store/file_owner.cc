#include "store/file_owner.h"

#include "base/result.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::store {
namespace {

// A name in a folder that was opened once.
class FilePlace {
public:
    explicit FilePlace(const std::filesystem::path& file)
        : name_(file.filename()),
          // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
          folder_(::open(folder_of(file).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          fault_(errno) {}
    FilePlace(const FilePlace&) = delete;
    FilePlace& operator=(const FilePlace&) = delete;
    ~FilePlace() {
        if (folder_ >= 0) {
            ::close(folder_);
        }
    }

    [[nodiscard]] int folder() const { return folder_; }

    [[nodiscard]] int open(int flags, mode_t mode = 0) const {
        if (folder_ < 0) {
            errno = fault_;
            return folder_;
        }
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
        return ::openat(folder_, name_.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
    }

    [[nodiscard]] int make(int flags, mode_t mode, const FileOwner& owner) const {
        const int made = open(flags | O_CREAT | O_EXCL, mode);
        if (made >= 0) {
            owner.take(made);
        }
        return made;
    }

    [[nodiscard]] int make_folder(mode_t mode) const {
        if (folder_ >= 0 && ::mkdirat(folder_, name_.c_str(), mode) != 0) {
            return -1;
        }
        const int made = open(O_RDONLY | O_DIRECTORY);
        if (made >= 0) {
            FileOwner(folder_).take(made);
        }
        return made;
    }

    // Why there is no file of our own; empty where that is not known.
    [[nodiscard]] std::string strangeness(int opened) const {
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

private:
    std::filesystem::path name_;
    int folder_;
    int fault_;
};

// The database's name, where the file is one of those that SQLite makes beside it.
std::optional<std::string> database_beside(const std::string& file) {
    for (const std::string_view suffix : {"-wal", "-shm", "-journal"}) {
        if (file.ends_with(suffix)) {
            return file.substr(0, file.size() - suffix.size());
        }
    }
    return std::nullopt;
}

int open_own_at(const FilePlace& place, const std::filesystem::path& file, int flags) {
    const int opened = place.open(flags | O_NONBLOCK);
    const int fault = errno;
    const std::string found = place.strangeness(opened);
    if (!found.empty()) {
        ::close(opened);
        throw Failure(
            ErrorKind::environment,
            "expected a file of its own to write in at " + file.string() + ", found " + found);
    }
    errno = fault;
    return opened;
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
    if (user_ != 0 && ::geteuid() == 0 && ::fstat(made, &facts) == 0 && facts.st_uid == 0) {
        static_cast<void>(::fchown(made, user_, group_));
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.parent_path();
    return folder.empty() ? "." : folder;
}

int make_file(const std::filesystem::path& file, int flags, mode_t mode) {
    const FilePlace place(file);
    return place.make(flags, mode, FileOwner(place.folder()));
}

int make_folder(const std::filesystem::path& folder, mode_t mode) {
    return FilePlace(folder).make_folder(mode);
}

int make_to_replace(const Replaced& replaced, const std::filesystem::path& file, mode_t mode) {
    const FilePlace place(file);
    return place.make(O_WRONLY, mode, FileOwner(place.folder(), replaced.name.filename()));
}

int open_to_replace(const Replaced& replaced, const std::filesystem::path& file) {
    const FilePlace place(file);
    const int opened = place.open(O_RDONLY);
    if (opened >= 0) {
        FileOwner(place.folder(), replaced.name.filename()).take(opened);
    }
    return opened;
}

int open_for_sqlite(const char* path, int flags, int mode) {
    const auto database = database_beside(path);
    if (!database || (flags & O_CREAT) == 0) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
        return ::open(path, flags, mode);
    }
    const FilePlace place(path);
    const int opened = place.open(flags, static_cast<mode_t>(mode));
    if (opened >= 0) {
        FileOwner(place.folder(), std::filesystem::path(*database).filename()).take(opened);
    }
    return opened;
}

int keep_owner(int /*file*/, uid_t /*user*/, gid_t /*group*/) {
    return 0;
}

int open_own(const std::filesystem::path& file, int flags) {
    return open_own_at(FilePlace(file), file, flags);
}

int open_or_make(const std::filesystem::path& file, int flags, mode_t mode) {
    const FilePlace place(file);
    int opened = open_own_at(place, file, flags);
    if (opened < 0 && errno == ENOENT) {
        opened = place.make(flags, mode, FileOwner(place.folder()));
        if (opened < 0 && errno == EEXIST) {
            // Another process was faster.
            opened = open_own_at(place, file, flags);
        }
    }
    return opened;
}

}  // namespace dcm::store
