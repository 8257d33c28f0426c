#include "tests/sim/disk.h"

#include "base/check.h"
#include "tests/sim/file_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

namespace dcm::sim {
namespace {

namespace fs = std::filesystem;

std::atomic<Disk*>& active_disk() {
    static std::atomic<Disk*> disk{nullptr};
    return disk;
}

bool is_of_sqlite(const std::string& name) {
    return name.ends_with("-wal") || name.ends_with("-journal");
}

int refuse(int error) {
    errno = error;
    return -1;
}

int error_of(const Fault& fault) {
    if (fault.act == Act::open) {
        return EMFILE;
    }
    // What lasts is most often a full disk.
    return fault.act == Act::write && fault.harm == Harm::lasting ? ENOSPC : EIO;
}

}  // namespace

std::string_view act_name(Act act) {
    switch (act) {
        case Act::open:
            return "open";
        case Act::read:
            return "read";
        case Act::write:
            return "write";
        case Act::truncate:
            return "truncate";
        case Act::sync:
            return "sync";
        case Act::rename:
            return "rename";
        case Act::remove:
            return "remove";
    }
    DCM_CHECK(false);
}

std::string_view harm_name(Harm harm) {
    switch (harm) {
        case Harm::once:
            return "once";
        case Harm::lasting:
            return "lasting";
        case Harm::full:
            return "full";
        case Harm::power_cut:
            return "power cut";
    }
    DCM_CHECK(false);
}

Disk::Disk(const fs::path& folder, std::uint64_t seed)
    : folder_(fs::canonical(folder)), random_(seed) {
    struct stat status {};
    DCM_CHECK(::stat(folder_.c_str(), &status) == 0);
    folder_number_ = status.st_ino;
    DCM_CHECK(fs::is_empty(folder_));
    DCM_CHECK(active_disk().exchange(this) == nullptr);
}

Disk::~Disk() {
    active_disk() = nullptr;
}

Disk* Disk::active() {
    return active_disk();
}

void Disk::plan(const Fault& fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    acts_left_ = fault.nth;
    was_met_ = false;
}

bool Disk::was_met() const {
    const std::lock_guard lock(mutex_);
    return was_met_;
}

void Disk::heal() {
    const std::lock_guard lock(mutex_);
    fault_.reset();
    write_fails_next_ = false;
}

bool Disk::is_on() const {
    const std::lock_guard lock(mutex_);
    return is_on_;
}

// What becomes of an operation; errno is set when it is refused.
Disk::Passage Disk::admit(Act act) {
    if (!is_on_) {
        errno = EIO;
        return Passage::refused;
    }
    if (act == Act::write && std::exchange(write_fails_next_, false)) {
        errno = ENOSPC;
        return Passage::refused;
    }
    if (!fault_ || fault_->act != act || --acts_left_ > 0) {
        return Passage::free;
    }
    was_met_ = true;
    const Fault fault = *fault_;
    if (fault.harm != Harm::lasting) {
        fault_.reset();
    }
    return strike(fault);
}

Disk::Passage Disk::strike(const Fault& fault) {
    errno = error_of(fault);
    switch (fault.harm) {
        case Harm::once:
        case Harm::lasting:
            return Passage::refused;
        case Harm::full:
            errno = ENOSPC;
            write_fails_next_ = fault.act == Act::write;
            return write_fails_next_ ? Passage::half : Passage::refused;
        case Harm::power_cut:
            is_on_ = false;
            return Passage::last;
    }
    DCM_CHECK(false);
}

std::optional<std::string> Disk::name_of(const char* path) const {
    const fs::path whole(path);
    return whole.parent_path() == folder_ ? std::optional(whole.filename().string()) : std::nullopt;
}

Disk::SharedImage Disk::image_of(int file) const {
    struct stat status {};
    const bool is_known = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    const auto found = is_known ? images_.find(status.st_ino) : images_.end();
    return found == images_.end() ? nullptr : found->second;
}

bool Disk::is_folder(int file) const {
    struct stat status {};
    return ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_ino == folder_number_;
}

// SQLite takes no notice of a folder that cannot be synced; that is no fault of those above it, so
// its own names are spared this one trouble.
bool Disk::sqlite_overlooks_folder() const {
    return is_on_ && !(fault_ && fault_->harm == Harm::power_cut) &&
           std::any_of(pending_names_.begin(), pending_names_.end(), [](const NameChange& change) {
               return is_of_sqlite(change.added) || is_of_sqlite(change.removed);
           });
}

void Disk::apply(NameChange change) {
    names_.erase(change.removed);
    if (change.image != nullptr) {
        names_[change.added] = change.image;
    }
    pending_names_.push_back(std::move(change));
}

std::optional<int> Disk::open(const char* path, int flags, mode_t mode) {
    const std::lock_guard lock(mutex_);
    if (fs::path(path) == folder_) {
        const bool is_spared = sqlite_overlooks_folder();
        return is_spared || admit(Act::open) == Passage::free ? std::nullopt : std::optional(-1);
    }
    const auto name = name_of(path);
    if (!name) {
        return std::nullopt;
    }
    const Passage passage = admit(Act::open);
    const bool creates = (flags & O_CREAT) != 0 && !names_.contains(*name);
    if (passage != Passage::free) {
        if (passage == Passage::last && creates) {
            apply({"", *name, std::make_shared<Image>(Image{"", {}, mode})});
        }
        return -1;
    }
    const int file = real::open(path, flags, mode);
    if (file < 0) {
        return file;
    }
    struct stat status {};
    DCM_CHECK(::fstat(file, &status) == 0);
    if (creates) {
        images_[status.st_ino] = std::make_shared<Image>(Image{"", {}, status.st_mode});
        apply({"", *name, images_[status.st_ino]});
    } else if ((flags & O_TRUNC) != 0) {
        names_.at(*name)->pending.push_back({0, std::nullopt});
    }
    return file;
}

std::optional<ssize_t> Disk::write(int file, std::string_view bytes, std::optional<off_t> offset) {
    const std::lock_guard lock(mutex_);
    const SharedImage image = image_of(file);
    if (image == nullptr) {
        return std::nullopt;
    }
    const Passage passage = admit(Act::write);
    if (passage == Passage::refused) {
        return -1;
    }
    if (passage == Passage::half) {
        bytes = bytes.substr(0, (bytes.size() + 1) / 2);
    }
    struct stat status {};
    DCM_CHECK(::fstat(file, &status) == 0);
    const bool appends = (::fcntl(file, F_GETFL) & O_APPEND) != 0;
    const off_t begin = appends ? status.st_size : offset ? *offset : ::lseek(file, 0, SEEK_CUR);
    if (passage == Passage::last) {
        image->pending.push_back({static_cast<std::size_t>(begin), std::string(bytes)});
        return refuse(EIO);
    }
    const ssize_t written = offset ? real::pwrite(file, bytes.data(), bytes.size(), *offset)
                                   : real::write(file, bytes.data(), bytes.size());
    if (written > 0) {
        const auto part = bytes.substr(0, static_cast<std::size_t>(written));
        image->pending.push_back({static_cast<std::size_t>(begin), std::string(part)});
    }
    return written;
}

std::optional<int> Disk::truncate(int file, off_t size) {
    const std::lock_guard lock(mutex_);
    const SharedImage image = image_of(file);
    if (image == nullptr) {
        return std::nullopt;
    }
    const Passage passage = admit(Act::truncate);
    if (passage == Passage::free || passage == Passage::last) {
        image->pending.push_back({static_cast<std::size_t>(size), std::nullopt});
    }
    return passage == Passage::free ? real::ftruncate(file, size) : -1;
}

// The real file needs no sync: it does not outlive the test.
std::optional<int> Disk::sync(int file) {
    const std::lock_guard lock(mutex_);
    if (is_folder(file)) {
        if (!sqlite_overlooks_folder() && admit(Act::sync) != Passage::free) {
            return -1;
        }
        durable_names_ = names_;
        pending_names_.clear();
        return 0;
    }
    const SharedImage image = image_of(file);
    if (image == nullptr) {
        return std::nullopt;
    }
    const Passage passage = admit(Act::sync);
    if (passage == Passage::free) {
        sync_image(*image);
        return 0;
    }
    if (passage == Passage::refused && is_on_) {
        lose_some(*image);
    }
    return -1;
}

bool Disk::change_names(Act act, NameChange change) {
    const Passage passage = admit(act);
    if (passage == Passage::free || passage == Passage::last) {
        apply(std::move(change));
    }
    return passage == Passage::free;
}

std::optional<int> Disk::rename(const char* from, const char* to) {
    const std::lock_guard lock(mutex_);
    const auto before = name_of(from);
    const auto after = name_of(to);
    if (!before || !after || !names_.contains(*before)) {
        return std::nullopt;
    }
    const NameChange change{*before, *after, names_.at(*before)};
    return change_names(Act::rename, change) ? real::rename(from, to) : -1;
}

std::optional<int> Disk::link(const char* from, const char* to) {
    const std::lock_guard lock(mutex_);
    const auto before = name_of(from);
    const auto after = name_of(to);
    if (!before || !after || !names_.contains(*before) || names_.contains(*after)) {
        return std::nullopt;
    }
    const NameChange change{"", *after, names_.at(*before)};
    return change_names(Act::rename, change) ? real::link(from, to) : -1;
}

std::optional<int> Disk::remove(const char* path) {
    const std::lock_guard lock(mutex_);
    const auto name = name_of(path);
    if (!name || !names_.contains(*name)) {
        return std::nullopt;
    }
    return change_names(Act::remove, {*name, "", nullptr}) ? real::unlink(path) : -1;
}

bool Disk::read_fails(int file) {
    const std::lock_guard lock(mutex_);
    return image_of(file) != nullptr && admit(Act::read) != Passage::free;
}

}  // namespace dcm::sim
