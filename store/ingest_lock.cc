#include "store/database.h"
#include "store/file_owner.h"
#include "store/health.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace dcm::store {
namespace {

constexpr mode_t kLockFileMode = 0640;

// The same file by another name is the same database.
std::string lock_path(const DatabaseUrl& url) {
    std::error_code unresolved;
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(url.path, unresolved);
    return (unresolved ? url.path : resolved).string() + ".lock";
}

std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const auto length = pread(descriptor, text.data(), text.size(), 0);
    const std::string holder(text.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
    return holder.empty() ? "another process" : "process " + holder.substr(0, holder.find('\n'));
}

// For a person to read; the lock itself is the kernel's, so a failure here costs only the name.
void note_holder(int descriptor) {
    const std::string text = std::to_string(getpid()) + "\n";
    if (ftruncate(descriptor, 0) == 0) {
        static_cast<void>(pwrite(descriptor, text.data(), text.size(), 0));
    }
}

// The whole file, for writing. Open file description locks: the kernel frees them with the last
// descriptor, as it does flock's, and unlike flock's they can be asked for without being taken.
struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

[[noreturn]] void fail_to_lock(const std::string& what, const std::string& path) {
    throw Failure(ErrorKind::environment,
                  "database: cannot " + what + " the lock file " + path + ": " +
                      std::generic_category().message(errno));
}

}  // namespace

IngestLock::IngestLock(const DatabaseUrl& url) {
    const std::string path = lock_path(url);
    descriptor_ = FilePlace(path).open_or_make(O_RDWR, kLockFileMode);
    if (descriptor_ < 0) {
        fail_to_lock("open", path);
    }
    struct flock lock = whole_file();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    if (fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) {
        const std::string holder = holder_of(descriptor_);
        close(descriptor_);
        throw Failure(ErrorKind::environment,
                      "database: expected to be the only ingesting process, but " + holder +
                          " holds " + path);
    }
    note_holder(descriptor_);
}

IngestLock::~IngestLock() {
    close(descriptor_);
}

std::optional<std::string> ingesting_process(const DatabaseUrl& url) {
    const std::string path = lock_path(url);
    const int descriptor = FilePlace(path).open_own(O_RDONLY);
    if (descriptor < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        fail_to_lock("open", path);
    }
    struct flock lock = whole_file();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const bool asked = fcntl(descriptor, F_OFD_GETLK, &lock) == 0;
    const std::string holder = asked && lock.l_type != F_UNLCK ? holder_of(descriptor) : "";
    close(descriptor);
    if (!asked) {
        fail_to_lock("ask about", path);
    }
    return holder.empty() ? std::nullopt : std::optional(holder);
}

}  // namespace dcm::store
