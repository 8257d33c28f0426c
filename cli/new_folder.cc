#include "cli/new_folder.h"

#include "anchors/file_io.h"
#include "base/check.h"
#include "base/result.h"
#include "store/file_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;
constexpr std::size_t kBufferBytes = 1'048'576;

[[noreturn]] void fail(const std::string& action, const fs::path& path) {
    throw Failure(ErrorKind::environment,
                  "expected to " + action + ' ' + path.string() + ": " +
                      std::generic_category().message(errno));
}

OwnedDescriptor open_at(int folder, const std::string& name, int flags) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const int opened = ::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, kFileMode);
    if (opened < 0) {
        fail("open", name);
    }
    return OwnedDescriptor(opened);
}

OwnedDescriptor make_folder(const fs::path& path, const fs::path& partial) {
    for (const fs::path& taken : {path, partial}) {
        std::error_code missing;
        if (fs::exists(fs::symlink_status(taken, missing))) {
            throw Failure(ErrorKind::environment,
                          "expected to make " + taken.string() +
                              ", but it is there already: choose another name or remove it");
        }
    }
    const int made = store::FilePlace(partial).make_folder(kFolderMode);
    if (made < 0) {
        fail("make the folder", partial);
    }
    return OwnedDescriptor(made);
}

void write_all(const OwnedDescriptor& file, std::string_view content, const std::string& name) {
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            fail("write", name);
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

fs::path without_last_slash(const fs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

}  // namespace

OwnedDescriptor::OwnedDescriptor(OwnedDescriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}

OwnedDescriptor::~OwnedDescriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

NewFolder::NewFolder(const fs::path& path)
    : path_(without_last_slash(path)),
      partial_(path_.string() + ".partial"),
      folder_(make_folder(path_, partial_)) {}

NewFolder::~NewFolder() {
    if (!committed_) {
        std::error_code left;  // then it stays, and says by its name what it is
        fs::remove_all(partial_, left);
    }
}

OwnedDescriptor NewFolder::create(const std::string& name) const {
    // Each folder on the way is opened from the one before it: a link put in between is not
    // followed.
    OwnedDescriptor at = open_at(folder_.number(), ".", O_RDONLY | O_DIRECTORY);
    std::size_t begin = 0;
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', begin)) {
        const std::string part = name.substr(begin, slash - begin);
        DCM_CHECK(!part.empty() && part != ".." && part != ".");
        if (::mkdirat(at.number(), part.c_str(), kFolderMode) != 0 && errno != EEXIST) {
            fail("make the folder", part);
        }
        const OwnedDescriptor next = open_at(at.number(), part, O_RDONLY | O_DIRECTORY);
        store::FileOwner(folder_.number()).take(next.number());
        if (::dup3(next.number(), at.number(), O_CLOEXEC) < 0) {
            fail("open", part);
        }
        begin = slash + 1;
    }
    OwnedDescriptor made = open_at(at.number(), name.substr(begin), O_WRONLY | O_CREAT | O_EXCL);
    store::FileOwner(folder_.number()).take(made.number());
    return made;
}

void NewFolder::add(const std::string& name, std::string_view content) {
    write_all(create(name), content, name);
}

NewFolder::File::File(NewFolder& folder, const std::string& name)
    : name_(name), file_(folder.create(name)) {}

void NewFolder::File::append(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBufferBytes) {
        flush();
    }
}

void NewFolder::File::flush() {
    write_all(file_, buffer_, name_);
    buffer_.clear();
}

void NewFolder::commit() {
    // One call for thousands of files, before the name says that they are there.
    if (::syncfs(folder_.number()) != 0) {
        fail("make durable", partial_);
    }
    anchors::move_into_place(partial_, {path_});
    committed_ = true;
}

}  // namespace dcm::cli
