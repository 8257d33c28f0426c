#include "store/file_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace dcm::store {

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

int open_or_make(const std::filesystem::path& file, int flags, mode_t mode) {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): POSIX.
    const int opened = ::open(file.c_str(), flags | O_CLOEXEC);
    if (opened >= 0 || errno != ENOENT) {
        return opened;
    }
    const int made = ::open(file.c_str(), flags | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (made < 0) {
        // Another process was faster.
        return errno == EEXIST ? ::open(file.c_str(), flags | O_CLOEXEC) : made;
    }
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    FileOwner(folder_of(file)).take(made);
    return made;
}

}  // namespace dcm::store
