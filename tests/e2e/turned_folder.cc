// Loaded before a program's libraries (LD_PRELOAD): just before or after it opens the first file or
// folder whose name ends with DCM_TURNED_BEFORE or DCM_TURNED_AFTER, or while it gives such a file,
// of DCM_TURNED_WITHIN, a second name, the names DCM_TURNED_ONE and DCM_TURNED_OTHER are exchanged.
// So another user who can rename what lies on the way to it wins the race for it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string_view setting(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it.
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

void turn(const char* moment, const char* name) {
    static bool is_turned = false;
    const std::string_view turned_at = setting(moment);
    if (is_turned || turned_at.empty() || !std::string_view(name).ends_with(turned_at)) {
        return;
    }
    is_turned = true;
    if (::renameat2(AT_FDCWD,
                    setting("DCM_TURNED_ONE").data(),
                    AT_FDCWD,
                    setting("DCM_TURNED_OTHER").data(),
                    RENAME_EXCHANGE) != 0) {
        std::abort();
    }
}

int open_at_with(
    const char* call, int folder, const char* name, int flags, std::va_list arguments) {
    using Open = int(int, const char*, int, ...);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    turn("DCM_TURNED_BEFORE", name);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const int opened = next<Open>(call)(folder, name, flags, mode);
    if (opened >= 0) {
        turn("DCM_TURNED_AFTER", name);
    }
    return opened;
}

// The kernel follows one path after the other.
int link_at_with(int from_folder, const char* from, int to_folder, const char* to) {
    using Link = int(int, const char*, int, const char*, int);
    using Open = int(int, const char*, int, ...);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX.
    const int file = next<Open>("openat")(from_folder, from, O_PATH);
    turn("DCM_TURNED_WITHIN", from);
    const std::string found = "/proc/self/fd/" + std::to_string(file);
    return next<Link>("linkat")(AT_FDCWD, found.c_str(), to_folder, to, AT_SYMLINK_FOLLOW);
}

}  // namespace

// Functions of ours under the names that the linker looks for.
int turned_open(const char* name, int flags, ...) __asm__("open");
int turned_open64(const char* name, int flags, ...) __asm__("open64");
int turned_openat(int folder, const char* name, int flags, ...) __asm__("openat");
int turned_openat64(int folder, const char* name, int flags, ...) __asm__("openat64");
int turned_link(const char* from, const char* to) noexcept __asm__("link");
int turned_linkat(int from_folder, const char* from, int to_folder, const char* to, int) noexcept
    __asm__("linkat");

int turned_open(const char* name, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const int opened = open_at_with("openat", AT_FDCWD, name, flags, arguments);
    va_end(arguments);
    return opened;
}

int turned_open64(const char* name, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const int opened = open_at_with("openat64", AT_FDCWD, name, flags, arguments);
    va_end(arguments);
    return opened;
}

int turned_openat(int folder, const char* name, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const int opened = open_at_with("openat", folder, name, flags, arguments);
    va_end(arguments);
    return opened;
}

int turned_openat64(int folder, const char* name, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const int opened = open_at_with("openat64", folder, name, flags, arguments);
    va_end(arguments);
    return opened;
}

int turned_link(const char* from, const char* to) noexcept {
    return link_at_with(AT_FDCWD, from, AT_FDCWD, to);
}

int turned_linkat(
    int from_folder, const char* from, int to_folder, const char* to, int /*flags*/) noexcept {
    return link_at_with(from_folder, from, to_folder, to);
}
