#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

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

// A name in a folder that is opened once: wherever the path leads meanwhile, what is made there is
// given away there, and gets its final name there. Each function answers as that of POSIX does;
// where the folder could not be opened, as that did.
class FilePlace {
public:
    explicit FilePlace(const std::filesystem::path& file);
    FilePlace(const FilePlace&) = delete;
    FilePlace& operator=(const FilePlace&) = delete;
    ~FilePlace();

    // Never through a link.
    [[nodiscard]] int open(int flags, mode_t mode = 0) const;
    // A new file, or a new folder, with its folder's owner.
    [[nodiscard]] int make(int flags, mode_t mode) const;
    [[nodiscard]] int make_folder(mode_t mode) const;
    // The owner of another file of the folder, else the folder's.
    [[nodiscard]] FileOwner owner_of(const std::filesystem::path& file) const;
    // A new file that is to take the place of that one, and gets its owner.
    [[nodiscard]] int make_to_replace(const std::filesystem::path& file, mode_t mode) const;

    // A file of ours to write in it: none that has another name, too, for whoever may write in the
    // folder would have root change what is root's. Nor does it wait for whoever is behind a pipe.
    // Throws Failure (environment) where something else stands there.
    [[nodiscard]] int open_own(int flags) const;
    // The same of a file that is made where there is none.
    [[nodiscard]] int open_or_make(int flags, mode_t mode) const;

    // The same of a file beside a database, whose owner it gets; answers as open(2) does, ELOOP for
    // what is none of ours.
    [[nodiscard]] int open_beside(const std::filesystem::path& database,
                                  int flags,
                                  mode_t mode) const;

    // Gives it the name of another file of the folder: in its place, or where there is none yet, or
    // as a second name, where there is none yet.
    [[nodiscard]] int move_over(const std::filesystem::path& file) const;
    [[nodiscard]] int move_to(const std::filesystem::path& file) const;
    [[nodiscard]] int link_to(const std::filesystem::path& file) const;
    void remove() const;

private:
    [[nodiscard]] int make_for(const FileOwner& owner, int flags, mode_t mode) const;
    [[nodiscard]] std::string strangeness(int opened) const;

    std::filesystem::path file_;
    std::filesystem::path name_;
    int folder_;
    int fault_;
};

// A file that SQLite opens, beside its database where the path says so. What it makes there is the
// database's owner's, else the folder's; not what SQLite takes for it by the path, as the next one
// shows. For sqlite3_vfs::xSetSystemCall("open") and ("fchown").
[[nodiscard]] int open_for_sqlite(const char* path, int flags, int mode);
[[nodiscard]] int keep_owner(int file, uid_t user, gid_t group);

}  // namespace dcm::store
