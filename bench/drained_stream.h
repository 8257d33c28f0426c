#pragma once

// A whole stream taken with the product's own NATS source: what the floor of ingestion and its peer
// have in common.

#include "consumer/nats_connection.h"
#include "consumer/nats_source.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace dcm::bench {

struct Stream {
    std::string url;
    std::string durable;
};

// Pulls batches of that size until the stream is drained, gives each to `record` and then
// acknowledges it; returns the number of messages.
template <class Record>
long drain(const Stream& stream, std::size_t batch_size, Record record) {
    constexpr std::chrono::milliseconds wait{50};
    consumer::NatsOptions options;
    options.urls = {stream.url};
    consumer::NatsConnection connection(options);
    consumer::NatsSourceOptions source_options;
    source_options.names.durable = stream.durable;
    consumer::NatsSource source(connection, source_options);
    long count = 0;
    while (true) {
        const std::vector<Message> batch = source.pull(batch_size, wait);
        if (batch.empty() && source.drained()) {
            return count;
        }
        record(batch);
        source.acknowledge(batch);
        count += static_cast<long>(batch.size());
    }
}

}  // namespace dcm::bench
