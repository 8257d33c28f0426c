// Loaded before a program's libraries (LD_PRELOAD): its wall clock is ahead by so many seconds as
// DCM_CLOCK_AHEAD says, while a server beside it keeps the time of day.
#include <dlfcn.h>

#include <cstdlib>
#include <ctime>

namespace {

time_t seconds_ahead() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it.
    static const char* const text = std::getenv("DCM_CLOCK_AHEAD");
    static const time_t seconds = text == nullptr ? 0 : std::atol(text);  // NOLINT(cert-err34-c)
    return seconds;
}

}  // namespace

// A function of ours under the name that the linker looks for.
int ahead_clock_gettime(clockid_t clock, timespec* now) noexcept __asm__("clock_gettime");

int ahead_clock_gettime(clockid_t clock, timespec* now) noexcept {
    using Call = int(clockid_t, timespec*);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    static auto* const next = reinterpret_cast<Call*>(dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = next(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) {
        now->tv_sec += seconds_ahead();
    }
    return result;
}
