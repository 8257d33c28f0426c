#pragma once

#include "cli/book.h"
#include "cli/shell.h"
#include "exports/plan.h"
#include "exports/publish.h"
#include "store/export_state.h"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {

// A period of an export as a run left it.
struct ExportedResult {
    std::string period;
    exports::Published published;
};

// Runs exports: rates or reads the periods, publishes them, and records `export.made` for each that
// is new. Used by `export run` and by the daemon, each with a thread of its own.
class ExportRunner {
public:
    struct Options {
        std::string actor;            // `user:<name>` or `svc:<host>/<pid>`
        bool shows_progress = false;  // on a terminal
    };

    ExportRunner(Shell& shell, Options options);

    // The periods of the plan, or the one that is named. Whatever keeps it from being complete is a
    // Failure; it is remembered with the time to try again, for `export list`. `answered` is the
    // scheduled moment that the run is for.
    [[nodiscard]] std::vector<ExportedResult> run(const exports::ExportPlan& plan,
                                                  std::optional<CivilDate> period,
                                                  std::optional<Instant> answered);

    // The moment a run of the plan is due for, if it is.
    [[nodiscard]] std::optional<Instant> due(const exports::ExportPlan& plan);

private:
    [[nodiscard]] std::vector<ExportedResult> publish_periods(const exports::ExportPlan& plan,
                                                              std::optional<CivilDate> period);
    [[nodiscard]] ExportedResult publish_one(const exports::ExportPlan& plan,
                                             exports::ExportFolder& folder,
                                             CivilDate month);
    void record(const exports::Published& published);
    [[nodiscard]] std::vector<CivilDate> periods_of(const exports::ExportPlan& plan,
                                                    const exports::ExportFolder& folder);
    void remember(const exports::ExportPlan& plan,
                  store::ExportRun run,
                  const std::string& trouble);

    Shell& shell_;
    Options options_;
    Book book_;
    store::DatabaseUrl url_;
    store::Database database_;
};

// `{"bytes":…,"files":[…],…}` for the record of an export.
[[nodiscard]] std::string export_record_body(const exports::Published& published);

}  // namespace dcm::cli
