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
    // That of an open file or folder; root where it cannot be told.
    explicit FileOwner(int descriptor);
    // That of what the folder has under the name, be it a link; its own where it has nothing.
    FileOwner(int folder, const std::filesystem::path& name);

    // Gives what was made to it. Only root can, and where root cannot either (a file system without
    // owners, a user that this namespace does not know) it stays as it is.
    void take(int made) const;

private:
    uid_t user_ = 0;
    gid_t group_ = 0;
};

// The folder in which the file is.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

// What follows opens the folder of the file once, and the file from there: it is given away where
// it was made, wherever the path leads meanwhile. Each answers as open(2) does.

// A new file, or a new folder, with the owner of the one it is in.
[[nodiscard]] int make_file(const std::filesystem::path& file, int flags, mode_t mode);
[[nodiscard]] int make_folder(const std::filesystem::path& folder, mode_t mode);

// A file that is to take the place of another one of its folder, whose owner it gets, or the
// folder's where there is none: a new one, or one that is finished.
struct Replaced {
    std::filesystem::path name;
};
[[nodiscard]] int make_to_replace(const Replaced& replaced,
                                  const std::filesystem::path& file,
                                  mode_t mode);
[[nodiscard]] int open_to_replace(const Replaced& replaced, const std::filesystem::path& file);

// A file that SQLite opens, beside its database where the path says so. What it makes there is the
// database's owner's, else the folder's; not what SQLite takes for it by the path, as the next one
// shows. For sqlite3_vfs::xSetSystemCall("open") and ("fchown").
[[nodiscard]] int open_for_sqlite(const char* path, int flags, int mode);
[[nodiscard]] int keep_owner(int file, uid_t user, gid_t group);

// A file of ours to write in it. Never through a link, and none that has another name, too: whoever
// may write in the folder would have root change what is root's. Nor does it wait for whoever is
// behind a pipe. Throws Failure (environment) where something else stands there.
[[nodiscard]] int open_own(const std::filesystem::path& file, int flags);

// The same of a file that is made where there is none, and then has its folder's owner.
[[nodiscard]] int open_or_make(const std::filesystem::path& file, int flags, mode_t mode);

}  // namespace dcm::store
