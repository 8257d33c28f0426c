// The calls by their names in the C library: the linker prefers those of the program.
#include "tests/exports/counted_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>

namespace dcm::exports::testing {
namespace {

struct Counting {
    std::atomic<bool> is_on = false;
    std::atomic<int> number = 0;
    std::atomic<int> count = 0;
    std::atomic<Fate> fate = Fate::refused;
};

Counting& counting() {
    static Counting state;
    return state;
}

// Whether this call fails.
bool is_refused() {
    Counting& state = counting();
    if (!state.is_on || ++state.count < state.number) {
        return false;
    }
    if (state.fate == Fate::killed) {
        ::raise(SIGKILL);
    }
    errno = ENOSPC;
    return true;
}

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

CountedCalls::CountedCalls(Fate fate, int number) {
    Counting& state = counting();
    state.fate = fate;
    state.number = number;
    state.count = 0;
    state.is_on = true;
}

CountedCalls::~CountedCalls() {
    counting().is_on = false;
}

bool CountedCalls::was_met() {
    return counting().count >= counting().number;
}

bool survives(int number, const std::function<void()>& act) {
    const pid_t child = ::fork();
    if (child == 0) {
        {
            const CountedCalls killed(Fate::killed, number);
            act();
        }
        ::_exit(0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace dcm::exports::testing

using dcm::exports::testing::is_refused;
using dcm::exports::testing::next;

// Functions of ours under the names that the linker looks for.
int counted_openat(int folder, const char* name, int flags, ...) __asm__("openat");
int counted_mkdirat(int folder, const char* name, mode_t mode) noexcept __asm__("mkdirat");
ssize_t counted_write(int file, const void* bytes, std::size_t count) __asm__("write");
int counted_fsync(int file) __asm__("fsync");
int counted_renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept
    __asm__("renameat");
int counted_unlinkat(int folder, const char* name, int flags) noexcept __asm__("unlinkat");

int counted_openat(int folder, const char* name, int flags, ...) {
    using Open = int(int, const char*, int, ...);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if ((flags & O_CREAT) != 0 && is_refused()) {
        return -1;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    return next<Open>("openat")(folder, name, flags, mode);
}

int counted_mkdirat(int folder, const char* name, mode_t mode) noexcept {
    using Make = int(int, const char*, mode_t);
    return is_refused() ? -1 : next<Make>("mkdirat")(folder, name, mode);
}

ssize_t counted_write(int file, const void* bytes, std::size_t count) {
    using Write = ssize_t(int, const void*, std::size_t);
    return is_refused() ? -1 : next<Write>("write")(file, bytes, count);
}

int counted_fsync(int file) {
    using Sync = int(int);
    return is_refused() ? -1 : next<Sync>("fsync")(file);
}

int counted_renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
    using Rename = int(int, const char*, int, const char*);
    return is_refused() ? -1 : next<Rename>("renameat")(from_folder, from, to_folder, to);
}

int counted_unlinkat(int folder, const char* name, int flags) noexcept {
    using Unlink = int(int, const char*, int);
    return is_refused() ? -1 : next<Unlink>("unlinkat")(folder, name, flags);
}
