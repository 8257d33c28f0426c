#pragma once

#include "audit/note.h"
#include "base/clock.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// The latest run of a cost export.
struct ExportRun {
    std::string name;
    std::optional<Instant> answered;  // the latest scheduled moment that a run was made for
    Instant started;
    Instant ended;
    bool has_failed = false;
    std::string detail;  // why it failed, else empty
    int failures = 0;    // in a row
    std::optional<Instant> retry_at;
};

// nullopt for one that never ran.
[[nodiscard]] std::optional<ExportRun> read_export_run(Database& database, const std::string& name);
// Its own short transaction.
void write_export_run(Database& database, const ExportRun& run);

// A period of an export as it was published.
struct ExportedPeriod {
    std::string name;
    std::string period;
    std::string state;  // `open` or `closed`
    std::string manifest_sha256;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::int64_t record = 0;  // of kind export.made
};
// What is in the log of an export's periods, in order.
[[nodiscard]] std::vector<ExportedPeriod> read_exported_periods(Database& database,
                                                                const std::string& name);
// The period of an export is no longer published.
void forget_exported_period(Database& database, const ExportedPeriod& exported);

// What the record of an export says.
struct ExportRecord {
    std::string actor;  // `user:<name>` or `svc:<host>/<pid>`
    ExportedPeriod exported;
    std::string body;
};

// Records `export.made`, subject `<name>/<period>`, and remembers the period, in one transaction,
// beside a process that ingests. A manifest that is in the log already is not recorded again;
// whether it was.
[[nodiscard]] bool record_export(Database& database,
                                 const audit::SigningKey& key,
                                 const Clock& clock,
                                 ExportRecord made);

}  // namespace dcm::store
