#pragma once

#include <sys/types.h>

#include <filesystem>

namespace dcm::store {

// Whose a new file or folder is to be. What root makes in another user's folder is that user's, and
// what takes a file's place has its owner: else a command that root runs once would leave behind
// what the service of that user can neither read nor replace. SQLite does so with the files beside
// its database.
class FileOwner {
public:
    // The one of a file or folder; root where it is not there.
    explicit FileOwner(const std::filesystem::path& path);
    explicit FileOwner(int descriptor);

    // Gives what was made to it. Only root can, and where root cannot either (a file system without
    // owners, a user that this namespace does not know) it stays as it is.
    void take(int made) const;

private:
    uid_t user_ = 0;
    gid_t group_ = 0;
};

// The folder in which the file is.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

// open(2) of a file of ours to write in it. Never through a link, and none that has another name,
// too: whoever may write in the folder would have root change what is root's. Nor does it wait for
// whoever is behind a pipe. Throws Failure (environment) where something else stands there.
[[nodiscard]] int open_own(const std::filesystem::path& file, int flags);

// The same of a file that is made where there is none, and then has its folder's owner.
[[nodiscard]] int open_or_make(const std::filesystem::path& file, int flags, mode_t mode);

}  // namespace dcm::store
