#pragma once

#include "base/instant.h"
#include "store/log_reader.h"
#include "store/source_state.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// A stream of which messages are recorded; `created_ns` tells it from others of its name.
struct RecordedStream {
    std::int64_t created_ns = 0;
    std::int64_t last_sequence = 0;
};

// Of the streams of one name: what is recorded, and how far a durable accounts for it.
struct KnownStreams {
    std::vector<RecordedStream> recorded;
    std::vector<AccountedStream> accounted;
};

// The log and what follows it, in one snapshot.
struct LogFacts {
    std::string log_id;
    std::int64_t size = 0;
    std::int64_t projected = 0;  // records that instances and intervals have taken in
    std::optional<Instant> newest_record;
    std::optional<StoredCheckpoint> newest_checkpoint;
    KnownStreams streams;
    std::vector<migrations::SchemaDifference> schema_differences;
};

struct DatabaseFacts {
    std::string sqlite_version;
    std::string journal_mode;
    std::int64_t page_size = 0;
    std::size_t migrations_missing = 0;
    std::optional<LogFacts> log;  // absent when the schema is not current
};

// Reads what a database is like, and what it has of that durable's stream; changes nothing. Throws
// Failure like Database::open_for_reading, but lets an empty or older schema through.
[[nodiscard]] DatabaseFacts read_facts(const DatabaseUrl& url, const DurableName& name);

// Who ingests into the database: `process 123`, or nullopt when nobody does. Asks the kernel and
// takes no lock, so it stands in nobody's way. Throws Failure (environment).
[[nodiscard]] std::optional<std::string> ingesting_process(const DatabaseUrl& url);

}  // namespace dcm::store
