// The floor of the ingest benchmark: pulls every message of the stream and acknowledges it, with
// the product's own NATS source and nothing behind it.

#include "consumer/nats_connection.h"
#include "consumer/nats_source.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

constexpr std::size_t kBatch = 5'000;
constexpr std::chrono::milliseconds kWait{50};

long drain(const std::string& url, const std::string& durable) {
    dcm::consumer::NatsOptions options;
    options.urls = {url};
    dcm::consumer::NatsConnection connection(options);
    dcm::consumer::NatsSourceOptions source_options;
    source_options.names.durable = durable;
    dcm::consumer::NatsSource source(connection, source_options);
    long count = 0;
    while (true) {
        const std::vector<dcm::Message> batch = source.pull(kBatch, kWait);
        count += static_cast<long>(batch.size());
        source.acknowledge(batch);
        if (batch.empty() && source.drained()) {
            return count;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        static_cast<void>(std::fprintf(stderr, "usage: bench_floor URL DURABLE\n"));
        return 2;
    }
    try {
        std::printf("%ld\n", drain(argv[1], argv[2]));
        return 0;
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "bench_floor: %s\n", error.what()));
        return 4;
    }
}
