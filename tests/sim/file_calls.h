#pragma once

#include <sys/types.h>

#include <cstddef>

// The C library's own functions, past the simulated disk.
namespace dcm::sim::real {

[[nodiscard]] int open(const char* path, int flags, mode_t mode);
[[nodiscard]] ssize_t write(int file, const void* bytes, std::size_t size);
[[nodiscard]] ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset);
[[nodiscard]] int ftruncate(int file, off_t size);
[[nodiscard]] int rename(const char* from, const char* to);
[[nodiscard]] int link(const char* from, const char* to);
[[nodiscard]] int unlink(const char* path);

}  // namespace dcm::sim::real
