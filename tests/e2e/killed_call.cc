// Loaded before a program's libraries (LD_PRELOAD): kills the program before the n-th call that
// changes a file, n from DCM_KILLED_CALL. So every state that a crash can leave is met by counting.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace {

int killed_call() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it.
    static const char* const text = std::getenv("DCM_KILLED_CALL");
    static const int number = text == nullptr ? 0 : std::atoi(text);  // NOLINT(cert-err34-c)
    return number;
}

void count_call() {
    static std::atomic<int> count = 0;
    if (++count == killed_call()) {
        ::raise(SIGKILL);
    }
}

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// Functions of ours under the names that the linker looks for.
ssize_t killed_write(int file, const void* bytes, std::size_t count) __asm__("write");
ssize_t killed_pwrite64(int file,
                        const void* bytes,
                        std::size_t count,
                        off_t at) __asm__("pwrite64");
int killed_fsync(int file) __asm__("fsync");
int killed_fdatasync(int file) __asm__("fdatasync");
int killed_ftruncate64(int file, off_t size) noexcept __asm__("ftruncate64");
int killed_mkdir(const char* name, mode_t mode) noexcept __asm__("mkdir");
int killed_mkdirat(int folder, const char* name, mode_t mode) noexcept __asm__("mkdirat");
int killed_rename(const char* from, const char* to) noexcept __asm__("rename");
int killed_renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept
    __asm__("renameat");
int killed_link(const char* from, const char* to) noexcept __asm__("link");
int killed_unlink(const char* name) noexcept __asm__("unlink");
int killed_unlinkat(int folder, const char* name, int flags) noexcept __asm__("unlinkat");

ssize_t killed_write(int file, const void* bytes, std::size_t count) {
    using Call = ssize_t(int, const void*, std::size_t);
    count_call();
    return next<Call>("write")(file, bytes, count);
}

ssize_t killed_pwrite64(int file, const void* bytes, std::size_t count, off_t at) {
    using Call = ssize_t(int, const void*, std::size_t, off_t);
    count_call();
    return next<Call>("pwrite64")(file, bytes, count, at);
}

int killed_fsync(int file) {
    using Call = int(int);
    count_call();
    return next<Call>("fsync")(file);
}

int killed_fdatasync(int file) {
    using Call = int(int);
    count_call();
    return next<Call>("fdatasync")(file);
}

int killed_ftruncate64(int file, off_t size) noexcept {
    using Call = int(int, off_t);
    count_call();
    return next<Call>("ftruncate64")(file, size);
}

int killed_mkdir(const char* name, mode_t mode) noexcept {
    using Call = int(const char*, mode_t);
    count_call();
    return next<Call>("mkdir")(name, mode);
}

int killed_mkdirat(int folder, const char* name, mode_t mode) noexcept {
    using Call = int(int, const char*, mode_t);
    count_call();
    return next<Call>("mkdirat")(folder, name, mode);
}

int killed_rename(const char* from, const char* to) noexcept {
    using Call = int(const char*, const char*);
    count_call();
    return next<Call>("rename")(from, to);
}

int killed_renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
    using Call = int(int, const char*, int, const char*);
    count_call();
    return next<Call>("renameat")(from_folder, from, to_folder, to);
}

int killed_link(const char* from, const char* to) noexcept {
    using Call = int(const char*, const char*);
    count_call();
    return next<Call>("link")(from, to);
}

int killed_unlink(const char* name) noexcept {
    using Call = int(const char*);
    count_call();
    return next<Call>("unlink")(name);
}

int killed_unlinkat(int folder, const char* name, int flags) noexcept {
    using Call = int(int, const char*, int);
    count_call();
    return next<Call>("unlinkat")(folder, name, flags);
}
