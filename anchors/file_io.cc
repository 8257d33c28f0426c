#include "anchors/file_io.h"

#include "base/result.h"
#include "store/file_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace dcm::anchors {
namespace {

constexpr std::uintmax_t kPartBytes = 65'536;

[[noreturn]] void fail(std::string_view action, const std::filesystem::path& path) {
    const std::string why = std::generic_category().message(errno);
    throw Failure(ErrorKind::environment, std::string(action) + ' ' + path.string() + ": " + why);
}

}  // namespace

// Owns a file descriptor. Not unnamed, since FileParts::File has one.
class Descriptor {
public:
    struct Opened {
        int number;
    };

    Descriptor(const std::filesystem::path& path, int flags)
        : Descriptor(path, Opened{::open(path.c_str(), flags | O_CLOEXEC)}) {}
    // `opened` is below 0 where that failed.
    Descriptor(const std::filesystem::path& path, Opened opened) : number_(opened.number) {
        if (number_ < 0) {
            fail("expected to open", path);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(number_); }

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

namespace {

void write_all(const Descriptor& file,
               std::string_view content,
               const std::filesystem::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fail("expected to write", path);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.number()) != 0) {
        fail("expected to make durable", path);
    }
}

std::string read_some(const Descriptor& file,
                      std::size_t bytes_max,
                      const std::filesystem::path& path) {
    std::string content;
    std::string buffer(65'536, '\0');
    while (true) {
        const std::size_t wanted = std::min(buffer.size(), bytes_max - content.size());
        const ssize_t count = wanted == 0 ? 0 : ::read(file.number(), buffer.data(), wanted);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail("expected to read", path);
        }
        if (count == 0) {
            return content;
        }
        content.append(buffer, 0, static_cast<std::size_t>(count));
    }
}

void sync_folder(const std::filesystem::path& path) {
    const std::filesystem::path folder = store::folder_of(path);
    const Descriptor opened(folder, O_RDONLY | O_DIRECTORY);
    if (::fsync(opened.number()) != 0) {
        fail("expected to make durable", folder);
    }
}

// Where content is made durable before it gets its name.
std::filesystem::path new_name(const std::filesystem::path& path) {
    return path.string() + ".new";
}

// Removes a file's temporary name at the end, however that is reached.
class RemovedAtEnd {
public:
    explicit RemovedAtEnd(const store::FilePlace& place) : place_(place) {}
    RemovedAtEnd(const RemovedAtEnd&) = delete;
    RemovedAtEnd& operator=(const RemovedAtEnd&) = delete;
    ~RemovedAtEnd() { place_.remove(); }

private:
    const store::FilePlace& place_;
};

}  // namespace

bool is_there(const std::filesystem::path& path) {
    std::error_code missing;
    return std::filesystem::exists(std::filesystem::symlink_status(path, missing));
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) {
        return std::nullopt;
    }
    return read_some(Descriptor(path, O_RDONLY), bytes_max, path);
}

std::optional<std::string> read_end(const std::filesystem::path& path, std::size_t bytes_max) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) {
        return std::nullopt;
    }
    const Descriptor file(path, O_RDONLY);
    const off_t size = ::lseek(file.number(), 0, SEEK_END);
    const off_t begin = std::cmp_less(bytes_max, size) ? size - static_cast<off_t>(bytes_max) : 0;
    if (size < 0 || ::lseek(file.number(), begin, SEEK_SET) < 0) {
        fail("expected to read the end of", path);
    }
    return read_some(file, bytes_max, path);
}

struct FileParts::File {
    explicit File(const std::filesystem::path& its_path)
        : path(its_path), descriptor(its_path, O_RDONLY) {
        struct stat status {};
        if (::fstat(descriptor.number(), &status) != 0) {
            fail("expected to read", path);
        }
        if (S_ISREG(status.st_mode)) {
            left = static_cast<std::uintmax_t>(status.st_size);
        }
    }

    std::string read() {
        const auto wanted = static_cast<std::size_t>(std::min(left, kPartBytes));
        std::string part = read_some(descriptor, wanted, path);
        left -= part.size();
        return part;
    }

    std::filesystem::path path;
    Descriptor descriptor;
    std::uintmax_t left = std::numeric_limits<std::uintmax_t>::max();
};

FileParts::FileParts(const std::filesystem::path& path)
    : file_(std::make_unique<File>(path)), part_(file_->read()) {}

FileParts::~FileParts() = default;

std::string FileParts::next() {
    return part_.empty() ? std::string() : std::exchange(part_, file_->read());
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
    const std::filesystem::path temporary = new_name(path);
    const store::FilePlace place(temporary);
    place.remove();  // what an earlier call left is worth nothing
    {
        const Descriptor file(temporary, Descriptor::Opened{place.make_to_replace(path, 0640)});
        write_all(file, content, temporary);
    }
    if (place.move_over(path) != 0) {
        fail("expected to replace", path);
    }
    sync_folder(path);
}

void append_to_file(const std::filesystem::path& path, std::string_view content) {
    const Descriptor file(
        path, Descriptor::Opened{store::FilePlace(path).open_or_make(O_WRONLY | O_APPEND, 0640)});
    // Each time: an earlier call may have created the file and then failed here.
    sync_folder(path);
    const off_t size_before = ::lseek(file.number(), 0, SEEK_END);
    try {
        write_all(file, content, path);
    } catch (const Failure&) {
        // Half of it would spoil what is appended next.
        static_cast<void>(::ftruncate(file.number(), size_before));
        throw;
    }
}

void shorten_file(const std::filesystem::path& path, std::uintmax_t size) {
    const Descriptor file(path, Descriptor::Opened{store::FilePlace(path).open_own(O_WRONLY)});
    if (::ftruncate(file.number(), static_cast<off_t>(size)) != 0) {
        fail("expected to shorten", path);
    }
    if (::fsync(file.number()) != 0) {
        fail("expected to make durable", path);
    }
}

void create_secret_file(const std::filesystem::path& path, std::string_view content) {
    const std::filesystem::path temporary = new_name(path);
    const store::FilePlace place(temporary);
    place.remove();
    const RemovedAtEnd removed(place);
    {
        const Descriptor file(temporary, Descriptor::Opened{place.make(O_WRONLY, 0600)});
        write_all(file, content, temporary);
    }
    // Unlike a renaming, this never replaces a file.
    if (place.link_to(path) != 0) {
        fail("expected to create", path);
    }
    sync_folder(path);
}

void move_into_place(const std::filesystem::path& finished, const FinalName& name) {
    const store::FilePlace place(finished);
    {
        const Descriptor file(finished, Descriptor::Opened{place.open(O_RDONLY)});
        if (::fsync(file.number()) != 0) {
            fail("expected to make durable", finished);
        }
    }
    if (place.move_to(name.path) != 0) {
        fail("expected to make", name.path);
    }
    sync_folder(name.path);
}

void move_over(const std::filesystem::path& finished, const FinalName& name) {
    const store::FilePlace place(finished);
    {
        const Descriptor file(finished, Descriptor::Opened{place.open(O_RDONLY)});
        place.owner_of(name.path).take(file.number());
    }
    if (place.move_over(name.path) != 0) {
        fail("expected to replace", name.path);
    }
    sync_folder(name.path);
}

}  // namespace dcm::anchors
