// Loaded before a program's libraries (LD_PRELOAD): the system has no thread to give.
#include <pthread.h>

#include <cerrno>

// The C library's own declaration of the name carries other attributes in each of its versions.
extern "C" int refuse_thread(pthread_t* thread,
                             const pthread_attr_t* attributes,
                             void* (*start)(void*),
                             void* argument) __asm__("pthread_create");

int refuse_thread(pthread_t* /*thread*/,
                  const pthread_attr_t* /*attributes*/,
                  void* (* /*start*/)(void*),
                  void* /*argument*/) {
    return EAGAIN;
}
