#pragma once

#include <cstdio>
#include <cstdlib>

// Guards against our own bugs, on in release builds too. It never judges input: what a user, a
// broker or a file can cause is a Result or a Failure.
#define DCM_CHECK(condition)                                                              \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            static_cast<void>(std::fprintf(stderr,                                        \
                                           "dcm-billing: broken invariant %s at %s:%d\n", \
                                           #condition,                                    \
                                           __FILE__,                                      \
                                           __LINE__));                                    \
            std::abort();                                                                 \
        }                                                                                 \
    } while (false)
