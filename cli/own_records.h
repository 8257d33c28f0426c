#pragma once

#include "anchors/anchor_set.h"
#include "anchors/log_opening.h"
#include "cli/shell.h"
#include "store/database.h"

#include <memory>
#include <string>
#include <vector>

namespace dcm::cli {

// What commands share that append a record of their own to the log (`audit redact`, …).

// Who runs the command: `user:<name>`, or `user:<number>` for a user without a name.
[[nodiscard]] std::string user_actor();

// Lives while such a command works: keeps others from beginning to ingest, unless one ingests
// already.
class OwnRecords {
public:
    // Throws Failure, before anything is recorded: as anchors::open_log does, and environment when
    // nobody ingests and yet the lock cannot be had.
    OwnRecords(Shell& shell, store::Database& database);

    // What the records are sealed with.
    [[nodiscard]] const audit::SigningKey& key() const { return key_.signing; }
    // The names of the log, the present one last: each fork gave it another.
    [[nodiscard]] std::vector<std::string> log_names() const;
    // No process ingests, and none can begin.
    [[nodiscard]] bool is_alone() const { return lock_ != nullptr; }
    // Signs a checkpoint of what is committed. Only for who is alone: a process that ingests does
    // so within a second. What keeps it from being signed is told in the log: the record is there,
    // and the next checkpoint covers it.
    void sign();

private:
    Shell& shell_;
    store::Database& database_;
    std::unique_ptr<store::IngestLock> lock_;
    anchors::AnchorSet anchors_;
    anchors::LogKey key_;
};

// A negative answer: the message goes to stderr, and the value is the exit code.
[[nodiscard]] int refuse(const std::string& message, int exit_code = kExitNegative);

}  // namespace dcm::cli
