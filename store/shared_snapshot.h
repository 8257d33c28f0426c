#pragma once

#include "store/database.h"
#include "store/log_reader.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace dcm::store {

// One for each core, up to a limit.
[[nodiscard]] std::size_t usual_workers();

// Several connections that see one and the same state of the database while a writer goes on: the
// first for the thread that calls, one for each thread that works beside it, and one for a check
// beside them. Their page caches are small: each table is read once and in order.
class SharedSnapshot {
public:
    // With one worker all of them are the first connection. Throws Failure (environment) when the
    // database cannot be read, or when commits follow each other so fast that the connections do
    // not meet between two of them.
    SharedSnapshot(const DatabaseUrl& url, std::size_t workers);
    SharedSnapshot(const SharedSnapshot&) = delete;
    SharedSnapshot& operator=(const SharedSnapshot&) = delete;
    ~SharedSnapshot() = default;

    // Throws Failure (environment) when somebody wrote to a database that was taken for one that
    // nobody changes: what was read is then no one state.
    void require_unchanged() const;

    // False for a database without any table; then there is nothing to read.
    [[nodiscard]] bool has_schema() const { return !readers_.empty(); }
    [[nodiscard]] const LogReader& first() const { return *readers_.front(); }
    [[nodiscard]] std::size_t workers() const { return workers_; }
    [[nodiscard]] const LogReader& worker(std::size_t index) const {
        return *readers_.at(workers_ == 1 ? 0 : index + 1);
    }
    [[nodiscard]] const LogReader& checker() const { return *readers_.back(); }

private:
    // Whether they see the same.
    [[nodiscard]] bool begin();

    using WriteTime = std::filesystem::file_time_type;

    std::size_t workers_;
    std::filesystem::path path_;
    std::optional<WriteTime> written_at_;  // where nobody changes it
    std::vector<Database> databases_;      // the last one only watches
    std::vector<std::unique_ptr<LogReader>> readers_;
};

}  // namespace dcm::store
