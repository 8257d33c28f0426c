#include "exports/folder.h"

#include "base/check.h"
#include "base/result.h"
#include "store/file_owner.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace dcm::exports {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;
constexpr std::size_t kReadBytes = 65'536;

[[noreturn]] void fail_at(std::string_view action, const fs::path& path) {
    throw Failure(ErrorKind::environment,
                  "expected to " + std::string(action) + ' ' + path.string() + ": " +
                      std::generic_category().message(errno));
}

int open_at(int folder, const char* name, int flags) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    return ::openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, kFileMode);
}

fs::path without_last_slash(const fs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

// Something else stands where a folder or a file of ours belongs: nothing that trying again mends.
[[noreturn]] void refuse_strange(std::string_view expected, const fs::path& path, mode_t mode) {
    throw Failure(ErrorKind::malformed,
                  "expected a " + std::string(expected) + " at " + path.string() + ", found " +
                      (S_ISLNK(mode) ? "a link, which is not followed" : "something else"));
}

// A name of our own making that leads nowhere else.
void require_plain(const std::string& name) {
    DCM_CHECK(!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos);
}

// What is made is given away where it was made, however the names above it change meanwhile.
void make_below(const fs::path& above, const fs::path& name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const Descriptor parent(::open(above.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (::mkdirat(parent.number(), name.c_str(), kFolderMode) == 0) {
        const Descriptor made(open_at(parent.number(), name.c_str(), O_RDONLY | O_DIRECTORY));
        store::FileOwner(parent.number()).take(made.number());
        make_durable(Descriptor(open_at(parent.number(), ".", O_RDONLY | O_DIRECTORY)), above);
    } else if (errno != EEXIST) {
        fail_at("make the folder", above / name);
    }
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

Folder::Folder(fs::path path, Descriptor opened)
    : path_(std::move(path)), opened_(std::move(opened)) {}

Folder Folder::open(const fs::path& given) {
    const fs::path path = without_last_slash(given);
    Descriptor opened(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY));
    struct stat facts {};
    if (opened.number() < 0) {
        const int fault = errno;
        if (::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode)) {
            throw Failure(ErrorKind::environment,
                          "expected to open the folder " + path.string() +
                              ": it is a link, which is not followed");
        }
        errno = fault;
        fail_at("open the folder", path);
    }
    return {path, std::move(opened)};
}

Folder Folder::make(const fs::path& path) {
    // Links among the folders above are followed: they are whose who configured the path.
    fs::path above = path.is_absolute() ? path.root_path() : fs::path(".");
    for (const fs::path& name : without_last_slash(path).relative_path()) {
        make_below(above, name);
        above /= name;
    }
    Folder made = open(path);
    made.require_own();
    return made;
}

Folder Folder::make_child(const std::string& name) const {
    require_plain(name);
    if (::mkdirat(opened_.number(), name.c_str(), kFolderMode) == 0) {
        const Descriptor made(open_at(opened_.number(), name.c_str(), O_RDONLY | O_DIRECTORY));
        store::FileOwner(opened_.number()).take(made.number());
        sync();
    } else if (errno != EEXIST) {
        fail("make the folder", name);
    }
    auto made = child(name);
    if (!made) {
        fail("open the folder", name);
    }
    return std::move(*made);
}

std::optional<Folder> Folder::child(const std::string& name) const {
    require_plain(name);
    Descriptor opened(open_at(opened_.number(), name.c_str(), O_RDONLY | O_DIRECTORY));
    if (opened.number() >= 0) {
        return Folder(path_ / name, std::move(opened));
    }
    const int fault = errno;
    struct stat facts {};
    if (fault == ENOTDIR &&
        ::fstatat(opened_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        refuse_strange("folder", path_ / name, facts.st_mode);
    }
    errno = fault;
    if (fault != ENOENT) {
        fail("open the folder", name);
    }
    return std::nullopt;
}

std::vector<std::string> Folder::names() const {
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    // The stream takes over its descriptor, and begins where that one stands.
    const int again = open_at(opened_.number(), ".", O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, Close> stream(again < 0 ? nullptr : ::fdopendir(again));
    if (!stream) {
        fail("read", ".");
    }
    std::vector<std::string> names;
    // A stream of its own is read by one thread.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    while (const dirent* const entry = ::readdir(stream.get())) {
        const std::string name = std::data(entry->d_name);
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool Folder::is_folder(const std::string& name) const {
    struct stat facts {};
    return ::fstatat(opened_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(facts.st_mode);
}

Descriptor Folder::create(const std::string& name) const {
    require_plain(name);
    Descriptor file(open_at(opened_.number(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL));
    if (file.number() < 0) {
        fail("create", name);
    }
    store::FileOwner(opened_.number()).take(file.number());
    return file;
}

std::optional<Descriptor> Folder::open_file(const std::string& name) const {
    require_plain(name);
    // Without waiting: what stands there may be a pipe.
    Descriptor file(open_at(opened_.number(), name.c_str(), O_RDONLY | O_NONBLOCK));
    const int fault = errno;
    struct stat facts {};
    // What cannot be opened, as a socket or a link, is looked at where it stands.
    const bool is_known =
        (file.number() < 0 ? ::fstatat(opened_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW)
                           : ::fstat(file.number(), &facts)) == 0;
    if (is_known && !S_ISREG(facts.st_mode)) {
        refuse_strange("file", path_ / name, facts.st_mode);
    }
    if (file.number() < 0) {
        errno = fault;
        if (fault != ENOENT) {
            fail("open", name);
        }
        return std::nullopt;
    }
    return file;
}

std::optional<FileFacts> Folder::facts(const std::string& name) const {
    constexpr std::int64_t ns_per_second = 1'000'000'000;
    const auto file = open_file(name);
    if (!file) {
        return std::nullopt;
    }
    struct stat facts {};
    if (::fstat(file->number(), &facts) != 0) {
        fail("look at", name);
    }
    return FileFacts{facts.st_size, facts.st_ctim.tv_sec * ns_per_second + facts.st_ctim.tv_nsec};
}

std::optional<std::string> Folder::read(const std::string& name, std::size_t bytes_max) const {
    const auto file = open_file(name);
    if (!file) {
        return std::nullopt;
    }
    std::string content;
    std::string buffer(kReadBytes, '\0');
    ssize_t count = 0;
    while ((count = ::read(file->number(), buffer.data(), buffer.size())) != 0) {
        if (count < 0 && errno != EINTR) {
            fail("read", name);
        }
        content.append(buffer, 0, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (content.size() > bytes_max) {
            throw Failure(ErrorKind::malformed,
                          "expected at most " + std::to_string(bytes_max) + " bytes in " +
                              (path_ / name).string());
        }
    }
    return content;
}

void Folder::write(const std::string& name, std::string_view content) const {
    const Descriptor file = create(name);
    write_all(file, content, path_ / name);
    make_durable(file, path_ / name);
}

void Folder::move(const std::string& name, const Folder& to, const std::string& new_name) const {
    require_plain(name);
    require_plain(new_name);
    if (::renameat(opened_.number(), name.c_str(), to.opened_.number(), new_name.c_str()) != 0) {
        to.fail("put in place", new_name);
    }
}

void Folder::remove(const std::string& name) const {
    require_plain(name);
    if (::unlinkat(opened_.number(), name.c_str(), 0) != 0 && errno != ENOENT) {
        fail("remove", name);
    }
}

void Folder::remove_folder(const std::string& name) const {
    const auto removed = child(name);
    if (!removed) {
        return;
    }
    for (const std::string& inside : removed->names()) {
        if (!removed->is_folder(inside)) {
            removed->remove(inside);
        } else if (::unlinkat(removed->opened_.number(), inside.c_str(), AT_REMOVEDIR) != 0) {
            removed->fail("remove", inside);
        }
    }
    if (::unlinkat(opened_.number(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        fail("remove", name);
    }
}

void Folder::sync() const {
    if (::fsync(opened_.number()) != 0) {
        fail("make durable", ".");
    }
}

bool Folder::try_lock() const {
    if (::flock(opened_.number(), LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        fail("lock", ".");
    }
    return false;
}

void Folder::require_own() const {
    struct stat facts {};
    if (::fstat(opened_.number(), &facts) != 0) {
        fail("look at", ".");
    }
    if ((facts.st_mode & S_IWOTH) != 0) {
        throw Failure(ErrorKind::environment,
                      "expected a folder that only its owner and group can write to, everybody "
                      "can write to " +
                          path_.string());
    }
}

void Folder::fail(std::string_view action, const std::string& name) const {
    fail_at(action, name == "." ? path_ : path_ / name);
}

void write_all(const Descriptor& file, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            fail_at("write", path);
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

void make_durable(const Descriptor& file, const fs::path& path) {
    if (::fsync(file.number()) != 0) {
        fail_at("make durable", path);
    }
}

}  // namespace dcm::exports
