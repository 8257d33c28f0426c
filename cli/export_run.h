#pragma once

#include "cli/book.h"
#include "cli/export_trouble.h"
#include "cli/shell.h"
#include "exports/plan.h"
#include "exports/publish.h"
#include "store/export_state.h"
#include "store/statement_reader.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {

// Runs exports: rates or reads the periods, publishes them, and records `export.made` for each that
// is new. Used by `export run` and by the daemon, each with a thread of its own.
class ExportRunner {
public:
    struct Options {
        std::string actor;            // `user:<name>` or `svc:<host>/<pid>`
        bool shows_progress = false;  // on a terminal
    };

    using Results = ExportedResults;

    ExportRunner(Shell& shell, Options options);

    // The periods of the plan, or the one that is named. One that fails keeps no other from being
    // made: it is in the result with its trouble, which is remembered with the time to try again,
    // for `export list`: a run of one month answers for that alone, what failed of others stays.
    // Where two in a row fail alike, word for word, the others would as well:
    // that is told once, and ends the run. What keeps all of them from being made is a Failure,
    // remembered too. That another process works on the export is a Failure that is not, nor is a
    // month that has no statement (usage), nor that we were asked to stop, nor NotAsSigned: nothing
    // is written to such a database.
    [[nodiscard]] Results run(const exports::ExportPlan& plan, std::optional<CivilDate> period);

    // The same by its schedule: nullopt when it is not due, or another process makes it.
    [[nodiscard]] std::optional<Results> run_due(const exports::ExportPlan& plan);

    // When the schedule asks for the plan next: now, where it is due. nullopt without a schedule.
    [[nodiscard]] std::optional<Instant> next_run(const exports::ExportPlan& plan);

private:
    // What a run is asked for.
    struct Request {
        std::optional<CivilDate> period;  // this one alone
        bool is_by_schedule = false;      // what is due, and only then
    };

    // What became of it.
    struct Outcome {
        std::optional<CivilDate> period;  // of a run of this one alone
        std::optional<Instant> answered;
        std::string trouble;  // empty: nothing failed
    };

    void require_month(CivilDate month);
    [[nodiscard]] std::optional<Instant> due(const exports::ExportPlan& plan);
    [[nodiscard]] std::optional<Results> attempt(const exports::ExportPlan& plan,
                                                 const Request& request);
    [[nodiscard]] ExportedResult publish_or_tell(const exports::ExportPlan& plan,
                                                 exports::ExportFolder& folder,
                                                 CivilDate month);
    [[nodiscard]] Results publish_periods(const exports::ExportPlan& plan,
                                          exports::ExportFolder& folder,
                                          std::optional<CivilDate> period);
    void remove_old(const exports::ExportPlan& plan, const exports::ExportFolder& folder);
    [[nodiscard]] exports::Published publish_one(const exports::ExportPlan& plan,
                                                 exports::ExportFolder& folder,
                                                 CivilDate month);
    void record(const exports::Published& published);
    [[nodiscard]] std::string issuer_of(const store::StatementReader& reader,
                                        const store::PeriodStatements& statements) const;
    [[nodiscard]] std::vector<CivilDate> periods_of(const exports::ExportPlan& plan,
                                                    const exports::ExportFolder& folder);
    [[nodiscard]] std::optional<Instant> moment_of(const exports::ExportPlan& plan,
                                                   const Request& request);
    void remember(const exports::ExportPlan& plan, Instant started, const Outcome& outcome);

    Shell& shell_;
    Options options_;
    Book book_;
    store::DatabaseUrl url_;
    store::Database database_;
};

// `{"bytes":…,"files":[…],…}` for the record of an export.
[[nodiscard]] std::string export_record_body(const exports::Published& published);

}  // namespace dcm::cli
