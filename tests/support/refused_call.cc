// The calls by their names in the C library: the linker prefers those of the program, so they come
// here first, for shared libraries too.
#include "tests/support/refused_call.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/types.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>

namespace dcm::support {
namespace {

struct Refusal {
    std::atomic<int> error = 0;  // 0: the call goes through
    std::atomic<int> count = 0;
};

Refusal& refusal_of(SystemCall call) {
    static std::array<Refusal, 3> refusals;
    return refusals.at(static_cast<std::size_t>(call));
}

// The error to answer with, if any.
int refused(SystemCall call) {
    Refusal& refusal = refusal_of(call);
    const int error = refusal.error;
    refusal.count += error != 0 ? 1 : 0;
    return error;
}

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the way of POSIX.
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

RefusedCall::RefusedCall(SystemCall call, int error) : call_(call) {
    refusal_of(call).count = 0;
    refusal_of(call).error = error;
}

RefusedCall::~RefusedCall() {
    refusal_of(call_).error = 0;
}

int RefusedCall::count() const {
    return refusal_of(call_).count;
}

}  // namespace dcm::support

using dcm::support::SystemCall;

// Functions of ours under the names that the linker looks for.
int refusable_thread(pthread_t* thread,
                     const pthread_attr_t* attributes,
                     void* (*start)(void*),
                     void* argument) noexcept __asm__("pthread_create");
int refusable_rename(int from_folder,
                     const char* from,
                     int to_folder,
                     const char* to,
                     unsigned int flags) noexcept __asm__("renameat2");
int refusable_link(const char* from, const char* to) noexcept __asm__("link");

int refusable_thread(pthread_t* thread,
                     const pthread_attr_t* attributes,
                     void* (*start)(void*),
                     void* argument) noexcept {
    using Create = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    if (const int error = dcm::support::refused(SystemCall::create_thread)) {
        return error;
    }
    return dcm::support::next<Create>("pthread_create")(thread, attributes, start, argument);
}

int refusable_rename(
    int from_folder, const char* from, int to_folder, const char* to, unsigned int flags) noexcept {
    using Rename = int(int, const char*, int, const char*, unsigned int);
    if (const int error = dcm::support::refused(SystemCall::rename_keeping)) {
        errno = error;
        return -1;
    }
    return dcm::support::next<Rename>("renameat2")(from_folder, from, to_folder, to, flags);
}

int refusable_link(const char* from, const char* to) noexcept {
    using Link = int(const char*, const char*);
    if (const int error = dcm::support::refused(SystemCall::hard_link)) {
        errno = error;
        return -1;
    }
    return dcm::support::next<Link>("link")(from, to);
}
