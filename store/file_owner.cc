#include "store/file_owner.h"

#include "base/result.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace dcm::store {
namespace {

// Why there is none of our own at that place; empty where that is not known to be so.
std::string strangeness(const std::filesystem::path& file, int opened) {
    struct stat facts {};
    if ((opened < 0 ? ::lstat(file.c_str(), &facts) : ::fstat(opened, &facts)) != 0) {
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

}  // namespace

FileOwner::FileOwner(const std::filesystem::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) {
        user_ = facts.st_uid;
        group_ = facts.st_gid;
    }
}

FileOwner::FileOwner(int descriptor) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) == 0) {
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

int open_own(const std::filesystem::path& file, int flags) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const int opened = ::open(file.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const int fault = errno;
    const std::string found = strangeness(file, opened);
    if (!found.empty()) {
        ::close(opened);
        throw Failure(
            ErrorKind::environment,
            "expected a file of its own to write in at " + file.string() + ", found " + found);
    }
    errno = fault;
    return opened;
}

int open_or_make(const std::filesystem::path& file, int flags, mode_t mode) {
    const int opened = open_own(file, flags);
    if (opened >= 0 || errno != ENOENT) {
        return opened;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const int made = ::open(file.c_str(), flags | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (made < 0) {
        // Another process was faster.
        return errno == EEXIST ? open_own(file, flags) : made;
    }
    FileOwner(folder_of(file)).take(made);
    return made;
}

}  // namespace dcm::store
