// The calls with which SQLite and the product reach files, by their names in the C library: the
// linker prefers those of the program, so they come here first, for shared libraries too.
#include "tests/sim/file_calls.h"

#include "tests/sim/disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <filesystem>
#include <string>
#include <system_error>

namespace dcm::sim {
namespace {

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

using Open = int(const char*, int, ...);
using OpenAt = int(int, const char*, int, ...);
using RemoveAt = int(int, const char*, int);
using Read = ssize_t(int, void*, std::size_t);
using ReadAt = ssize_t(int, void*, std::size_t, off_t);
using Write = ssize_t(int, const void*, std::size_t);
using WriteAt = ssize_t(int, const void*, std::size_t, off_t);
using Resize = int(int, off_t);
using Sync = int(int);
using Rename = int(const char*, const char*);
using Remove = int(const char*);

ssize_t write_through(int file, const void* bytes, std::size_t size, std::optional<off_t> offset) {
    if (Disk* const disk = Disk::active()) {
        const std::string_view view(static_cast<const char*>(bytes), size);
        if (const auto done = disk->write(file, view, offset)) {
            return *done;
        }
    }
    return offset ? real::pwrite(file, bytes, size, *offset) : real::write(file, bytes, size);
}

int open_through(const char* path, int flags, mode_t mode) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->open(path, flags, mode);
    return done ? *done : real::open(path, flags, mode);
}

// The disk knows files by their paths.
std::string path_at(int folder, const char* name) {
    std::error_code unknown;
    const auto path =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(folder), unknown);
    return unknown ? name : (path / name).string();
}

int rename_through(const char* from, const char* to) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->rename(from, to);
    return done ? *done : real::rename(from, to);
}

int link_through(const char* from, const char* to) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->link(from, to);
    return done ? *done : real::link(from, to);
}

int remove_through(const char* path) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->remove(path);
    return done ? *done : real::unlink(path);
}

int truncate_through(int file, off_t size) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->truncate(file, size);
    return done ? *done : real::ftruncate(file, size);
}

int sync_through(int file, const char* name) {
    Disk* const disk = Disk::active();
    const auto done = disk == nullptr ? std::nullopt : disk->sync(file);
    return done ? *done : next<Sync>(name)(file);
}

bool read_fails(int file) {
    Disk* const disk = Disk::active();
    return disk != nullptr && disk->read_fails(file);
}

mode_t mode_of(int flags, std::va_list arguments) {
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

namespace real {

int open(const char* path, int flags, mode_t mode) {
    static auto* const call = next<Open>("open");
    return call(path, flags, mode);
}
ssize_t write(int file, const void* bytes, std::size_t size) {
    static auto* const call = next<Write>("write");
    return call(file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
    static auto* const call = next<WriteAt>("pwrite");
    return call(file, bytes, size, offset);
}
int ftruncate(int file, off_t size) {
    static auto* const call = next<Resize>("ftruncate");
    return call(file, size);
}
int rename(const char* from, const char* to) {
    static auto* const call = next<Rename>("rename");
    return call(from, to);
}
int link(const char* from, const char* to) {
    static auto* const call = next<Rename>("link");
    return call(from, to);
}
int unlink(const char* path) {
    static auto* const call = next<Remove>("unlink");
    return call(path);
}

}  // namespace real
}  // namespace dcm::sim

extern "C" {

// Under these names the linker finds them; in C++ they have their own.
int simulated_open(const char* path, int flags, ...) __asm__("open");
int simulated_open64(const char* path, int flags, ...) __asm__("open64");
int simulated_openat(int folder, const char* name, int flags, ...) __asm__("openat");
ssize_t simulated_read(int file, void* bytes, std::size_t size) __asm__("read");
ssize_t simulated_pread(int file, void* bytes, std::size_t size, off_t offset) __asm__("pread64");
ssize_t simulated_write(int file, const void* bytes, std::size_t size) __asm__("write");
ssize_t simulated_pwrite(int file,
                         const void* bytes,
                         std::size_t size,
                         off_t offset) __asm__("pwrite64");
int simulated_ftruncate(int file, off_t size) __asm__("ftruncate");
int simulated_ftruncate64(int file, off_t size) __asm__("ftruncate64");
int simulated_fsync(int file) __asm__("fsync");
int simulated_fdatasync(int file) __asm__("fdatasync");
int simulated_rename(const char* from, const char* to) __asm__("rename");
int simulated_renameat(int from_folder,
                       const char* from,
                       int to_folder,
                       const char* to) __asm__("renameat");
int simulated_link(const char* from, const char* to) __asm__("link");
int simulated_linkat(
    int from_folder, const char* from, int to_folder, const char* to, int flags) __asm__("linkat");
int simulated_unlink(const char* path) __asm__("unlink");
int simulated_unlinkat(int folder, const char* name, int flags) __asm__("unlinkat");

int simulated_open(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = dcm::sim::mode_of(flags, arguments);
    va_end(arguments);
    return dcm::sim::open_through(path, flags, mode);
}

int simulated_open64(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = dcm::sim::mode_of(flags, arguments);
    va_end(arguments);
    return dcm::sim::open_through(path, flags, mode);
}

int simulated_openat(int folder, const char* name, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = dcm::sim::mode_of(flags, arguments);
    va_end(arguments);
    static auto* const call = dcm::sim::next<dcm::sim::OpenAt>("openat");
    // With a whole path the disk itself goes through its folder.
    return folder == AT_FDCWD || dcm::sim::Disk::active() == nullptr
               ? call(folder, name, flags, mode)
               : dcm::sim::open_through(dcm::sim::path_at(folder, name).c_str(), flags, mode);
}

ssize_t simulated_read(int file, void* bytes, std::size_t size) {
    static auto* const call = dcm::sim::next<dcm::sim::Read>("read");
    return dcm::sim::read_fails(file) ? -1 : call(file, bytes, size);
}

ssize_t simulated_pread(int file, void* bytes, std::size_t size, off_t offset) {
    static auto* const call = dcm::sim::next<dcm::sim::ReadAt>("pread64");
    return dcm::sim::read_fails(file) ? -1 : call(file, bytes, size, offset);
}

ssize_t simulated_write(int file, const void* bytes, std::size_t size) {
    return dcm::sim::write_through(file, bytes, size, std::nullopt);
}

ssize_t simulated_pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
    return dcm::sim::write_through(file, bytes, size, offset);
}

int simulated_ftruncate(int file, off_t size) {
    return dcm::sim::truncate_through(file, size);
}

int simulated_ftruncate64(int file, off_t size) {
    return dcm::sim::truncate_through(file, size);
}

int simulated_fsync(int file) {
    return dcm::sim::sync_through(file, "fsync");
}

int simulated_fdatasync(int file) {
    return dcm::sim::sync_through(file, "fdatasync");
}

int simulated_rename(const char* from, const char* to) {
    return dcm::sim::rename_through(from, to);
}

int simulated_renameat(int from_folder, const char* from, int to_folder, const char* to) {
    return dcm::sim::rename_through(dcm::sim::path_at(from_folder, from).c_str(),
                                    dcm::sim::path_at(to_folder, to).c_str());
}

int simulated_link(const char* from, const char* to) {
    return dcm::sim::link_through(from, to);
}

int simulated_linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
    static_cast<void>(flags);
    return dcm::sim::link_through(dcm::sim::path_at(from_folder, from).c_str(),
                                  dcm::sim::path_at(to_folder, to).c_str());
}

int simulated_unlink(const char* path) {
    return dcm::sim::remove_through(path);
}

// Folders are none of the disk's.
int simulated_unlinkat(int folder, const char* name, int flags) {
    static auto* const call = dcm::sim::next<dcm::sim::RemoveAt>("unlinkat");
    return flags != 0 || dcm::sim::Disk::active() == nullptr
               ? call(folder, name, flags)
               : dcm::sim::remove_through(dcm::sim::path_at(folder, name).c_str());
}

}  // extern "C"
