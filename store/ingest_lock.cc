#include "store/database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace dcm::store {
namespace {

constexpr mode_t kLockFileMode = 0640;

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

}  // namespace

IngestLock::IngestLock(const DatabaseUrl& url) {
    // The same file by another name is the same database.
    std::error_code unresolved;
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(url.path, unresolved);
    const std::string path = (unresolved ? url.path : resolved).string() + ".lock";
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockFileMode);
    if (descriptor_ < 0) {
        throw Failure(ErrorKind::environment,
                      "database: cannot open the lock file " + path + ": " +
                          std::generic_category().message(errno));
    }
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
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

}  // namespace dcm::store
