// What syncs, failing syncs and power cuts make of the simulated disk.
#include "base/check.h"
#include "tests/sim/disk.h"
#include "tests/sim/file_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace dcm::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSectorBytes = 512;

void write_part(std::string& content, std::size_t offset, std::string_view bytes) {
    content.resize(std::max(content.size(), offset + bytes.size()), '\0');
    content.replace(offset, bytes.size(), bytes);
}

}  // namespace

void Disk::sync_image(Image& image) {
    for (const Change& change : image.pending) {
        apply(image.durable, change);
    }
    image.pending.clear();
}

void Disk::apply(std::string& content, const Change& change) {
    if (change.bytes) {
        write_part(content, change.offset, *change.bytes);
    } else {
        content.resize(change.offset, '\0');
    }
}

void Disk::lose_some(Image& image) {
    std::erase_if(image.pending, [this](const Change& /*change*/) { return random_.happens(500); });
}

// A write survives whole, not at all, or in some of the sectors it touches.
void Disk::apply_torn(std::string& content, const Change& change) {
    const bool is_torn = change.bytes && random_.happens(300);
    if (!is_torn) {
        if (random_.happens(500)) {
            apply(content, change);
        }
        return;
    }
    const std::string_view bytes = *change.bytes;
    std::size_t done = 0;
    while (done < bytes.size()) {
        const std::size_t left_in_sector = kSectorBytes - (change.offset + done) % kSectorBytes;
        const std::string_view part = bytes.substr(done, left_in_sector);
        if (random_.happens(500)) {
            write_part(content, change.offset + done, part);
        }
        done += part.size();
    }
}

void Disk::survive(Image& image, Survival survival) {
    for (const Change& change : std::exchange(image.pending, {})) {
        switch (survival) {
            case Survival::nothing:
                break;
            case Survival::everything:
                apply(image.durable, change);
                break;
            case Survival::some:
                apply_torn(image.durable, change);
                break;
        }
    }
}

// File systems keep names in a journal: what survives is a beginning of the changes.
void Disk::survive_names(Survival survival) {
    const auto all = static_cast<std::int64_t>(pending_names_.size());
    const std::int64_t kept = survival == Survival::nothing      ? 0
                              : survival == Survival::everything ? all
                                                                 : random_.below(all + 1);
    names_ = durable_names_;
    auto changes = std::exchange(pending_names_, {});
    changes.resize(static_cast<std::size_t>(kept));
    for (NameChange& change : changes) {
        apply(std::move(change));
    }
    pending_names_.clear();
}

void Disk::restore_power(Survival survival) {
    const std::lock_guard lock(mutex_);
    survive_names(survival);
    for (const auto& [name, image] : names_) {
        survive(*image, survival);
    }
    write_files();
    durable_names_ = names_;
    fault_.reset();
    write_fails_next_ = false;
    is_on_ = true;
}

void Disk::write_files() {
    std::vector<fs::path> old;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
        old.push_back(entry.path());
    }
    for (const fs::path& path : old) {
        DCM_CHECK(real::unlink(path.c_str()) == 0);
    }
    images_.clear();
    for (const auto& [name, image] : names_) {
        const fs::path path = folder_ / name;
        const int file = real::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
        DCM_CHECK(file >= 0);
        const std::string& content = image->durable;
        DCM_CHECK(
            std::cmp_equal(real::write(file, content.data(), content.size()), content.size()));
        DCM_CHECK(::fchmod(file, image->mode & ~static_cast<mode_t>(S_IFMT)) == 0);
        struct stat status {};
        DCM_CHECK(::fstat(file, &status) == 0);
        images_[status.st_ino] = image;
        static_cast<void>(::close(file));
    }
}

}  // namespace dcm::sim
