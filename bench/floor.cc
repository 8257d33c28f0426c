// The floor of the ingest benchmark: pulls every message of the stream and acknowledges it, with
// the product's own NATS source and nothing behind it.

#include "bench/drained_stream.h"

#include <cstdio>
#include <exception>

namespace {

constexpr std::size_t kBatch = 5'000;

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        static_cast<void>(std::fprintf(stderr, "usage: bench_floor URL DURABLE\n"));
        return 2;
    }
    try {
        const auto leave = [](const std::vector<dcm::Message>&) {};
        std::printf("%ld\n", dcm::bench::drain({argv[1], argv[2]}, kBatch, leave));
        return 0;
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "bench_floor: %s\n", error.what()));
        return 4;
    }
}
