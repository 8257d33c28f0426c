#include "cli/export_run.h"

#include "anchors/start_check.h"
#include "base/zone.h"
#include "cli/covering_checkpoint.h"
#include "cli/own_records.h"
#include "cli/progress.h"
#include "cli/statements.h"
#include "cli/stop_signal.h"
#include "exports/due.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <numeric>

namespace dcm::cli {
namespace {

std::int64_t line_count(const std::vector<billing::StatementTotal>& totals) {
    return std::accumulate(
        totals.begin(), totals.end(), std::int64_t{0}, [](auto sum, const auto& t) {
            return sum + t.line_end - t.first_line;
        });
}

store::ExportedPeriod exported_period(const exports::Published& published) {
    const exports::Manifest& manifest = published.manifest;
    return {manifest.name,
            manifest.period,
            manifest.state,
            published.manifest_sha256,
            manifest.rows(),
            manifest.bytes(),
            0};
}

exports::RunHistory history_of(const std::optional<store::ExportRun>& run) {
    return run ? exports::RunHistory{run->answered, run->failures, run->retry_at}
               : exports::RunHistory{};
}

// Of the export itself: not that it was asked wrongly, nor that the database is not what was
// signed.
bool is_of_export(const std::exception& failure) {
    const auto* const ours = dynamic_cast<const Failure*>(&failure);
    const bool is_asked_wrongly = ours != nullptr && ours->kind() == ErrorKind::usage;
    return !is_asked_wrongly && dynamic_cast<const anchors::NotAsSigned*>(ours) == nullptr;
}

// Whether the latest two failed alike, word for word, and so not for what is in the one month or
// the other. Both become one result, of the run.
bool join_alike(ExportRunner::Results& results) {
    const bool is_alike = results.size() > 1 && !results.back().published &&
                          results.back().trouble == results[results.size() - 2].trouble;
    if (is_alike) {
        results.pop_back();
        results.back().period.clear();
    }
    return is_alike;
}

}  // namespace

ExportRunner::ExportRunner(Shell& shell, Options options)
    : shell_(shell),
      options_(std::move(options)),
      book_(load_book(shell.config().rules)),
      url_(shell.existing_database()),
      database_(store::Database::open_for_writing(url_)) {}

ExportRunner::Results ExportRunner::run(const exports::ExportPlan& plan,
                                        std::optional<CivilDate> period) {
    std::optional<Results> results = attempt(plan, {period, /*is_by_schedule=*/false});
    if (!results) {
        throw Failure(
            ErrorKind::environment,
            "another process works on the export in " + (plan.destination / plan.name).string());
    }
    return *std::move(results);
}

void ExportRunner::require_month(CivilDate month) {
    store::Database reading = store::Database::open_for_reading(url_);
    const store::LogReader snapshot(reading);
    const Instant as_of = shell_.clock().now();
    require_statement_month(
        store::StatementReader(snapshot, present_book(book_), as_of), month, as_of);
}

std::optional<ExportRunner::Results> ExportRunner::run_due(const exports::ExportPlan& plan) {
    return due(plan) ? attempt(plan, {std::nullopt, /*is_by_schedule=*/true}) : std::nullopt;
}

std::optional<Instant> ExportRunner::next_run(const exports::ExportPlan& plan) {
    if (plan.schedule.empty()) {
        return std::nullopt;
    }
    return exports::next_run(value_or_throw(exports::Schedule::parse(plan.schedule)),
                             book_.rules.zone,
                             history_of(store::read_export_run(database_, plan.name)),
                             shell_.clock().now());
}

std::optional<Instant> ExportRunner::due(const exports::ExportPlan& plan) {
    if (plan.schedule.empty()) {
        return std::nullopt;
    }
    return exports::due_moment(value_or_throw(exports::Schedule::parse(plan.schedule)),
                               book_.rules.zone,
                               history_of(store::read_export_run(database_, plan.name)),
                               shell_.clock().now());
}

// The scheduled moment that a run answers: of one by hand too, when it makes all periods.
std::optional<Instant> ExportRunner::moment_of(const exports::ExportPlan& plan,
                                               const Request& request) {
    if (request.is_by_schedule) {
        return due(plan);
    }
    return plan.schedule.empty() || request.period
               ? std::nullopt
               : value_or_throw(exports::Schedule::parse(plan.schedule))
                     .latest_until(book_.rules.zone, shell_.clock().now());
}

// nullopt when another process has the folder, or had it and answered the schedule. Who has the
// folder is alone with the state of the export. Who was asked to stop has not failed: the next run
// completes it.
std::optional<ExportRunner::Results> ExportRunner::attempt(const exports::ExportPlan& plan,
                                                           const Request& request) {
    const Instant started = shell_.clock().now();
    try {
        if (request.period) {
            require_month(*request.period);
        }
        auto folder = exports::ExportFolder::take(plan);
        const auto moment = folder ? moment_of(plan, request) : std::optional<Instant>();
        if (!folder || (request.is_by_schedule && !moment)) {
            return std::nullopt;
        }
        folder->require_logs(OwnRecords(shell_, database_).log_names());
        Results results = publish_periods(plan, *folder, request.period);
        remember(plan, started, {request.period, moment, trouble_text(results)});
        return results;
    } catch (const std::exception& failure) {
        if (is_of_export(failure)) {
            remember(plan, started, {request.period, std::nullopt, failure.what()});
        }
        throw;
    }
}

ExportRunner::Results ExportRunner::publish_periods(const exports::ExportPlan& plan,
                                                    exports::ExportFolder& folder,
                                                    std::optional<CivilDate> period) {
    const std::vector<CivilDate> months =
        period ? std::vector<CivilDate>{*period} : periods_of(plan, folder);
    Results results;
    results.reserve(months.size());
    for (const CivilDate month : months) {
        results.push_back(publish_or_tell(plan, folder, month));
        if (join_alike(results) || stop_requested()) {
            return results;
        }
    }
    // Who asks for one old month wants it; it goes with the next run of all.
    if (!period) {
        try {
            remove_old(plan, folder);
        } catch (const std::exception& failure) {
            results.push_back(failed_result(kOldPeriods, failure));
        }
    }
    return results;
}

ExportedResult ExportRunner::publish_or_tell(const exports::ExportPlan& plan,
                                             exports::ExportFolder& folder,
                                             CivilDate month) {
    try {
        return {format_month(month), publish_one(plan, folder, month), {}};
    } catch (const std::exception& failure) {
        if (!is_of_export(failure)) {
            throw;
        }
        return failed_result(format_month(month), failure);
    }
}

// Whatever is no longer published is forgotten, also where a process was killed in between.
void ExportRunner::remove_old(const exports::ExportPlan& plan,
                              const exports::ExportFolder& folder) {
    folder.remove_old();
    const std::vector<std::string> published = folder.periods();
    for (const store::ExportedPeriod& known : store::read_exported_periods(database_, plan.name)) {
        if (std::find(published.begin(), published.end(), known.period) == published.end()) {
            store::forget_exported_period(database_, known);
        }
    }
}

exports::Published ExportRunner::publish_one(const exports::ExportPlan& plan,
                                             exports::ExportFolder& folder,
                                             CivilDate month) {
    // A connection of its own: what is read is one state of the database, while checkpoints are
    // signed and the record is written beside it.
    store::Database reading = store::Database::open_for_reading(url_);
    const Instant as_of = shell_.clock().now();
    std::optional<exports::Published> published;
    {
        const store::LogReader snapshot(reading);
        const store::StatementReader reader(snapshot, present_book(book_), as_of);
        const store::PeriodStatements statements = reader.read(month);
        const std::string name = plan.name + ' ' + statements.origin().period;
        const std::int64_t total = line_count(statements.totals());
        const std::unique_ptr<Progress> progress =
            options_.shows_progress ? std::make_unique<Progress>(name, shell_.clock()) : nullptr;
        published = value_or_throw(
            folder.publish({statements.origin(),
                            statements.totals(),
                            [&statements](const auto& visit) { statements.each_line(visit); },
                            issuer_of(reader, statements),
                            as_of,
                            covering_checkpoint(shell_, database_, snapshot.head().size)},
                           [&progress, total](std::int64_t lines) {
                               if (progress) {
                                   progress->show({lines, total});
                               }
                               return !stop_requested();
                           }));
    }
    record(*published);
    return *std::move(published);
}

// Who bills: of a closed month the book says it that was then, whatever it is now.
std::string ExportRunner::issuer_of(const store::StatementReader& reader,
                                    const store::PeriodStatements& statements) const {
    std::string issuer = book_.rules.issuer;
    if (statements.is_closed() && !statements.totals().empty()) {
        // A rounding is charged for the month of its statement.
        const std::int64_t last = statements.totals().front().line_end - 1;
        const auto rounding = reader.find_line(last);
        if (!rounding) {
            throw Failure(ErrorKind::malformed,
                          "expected line " + std::to_string(last) + " of " +
                              statements.origin().period +
                              ", found none; run `dcm-billing audit verify --rebuild`");
        }
        issuer = reader.book_of(*rounding).issuer;
    }
    return issuer.empty() ? shell_.config().audit.deployment : issuer;
}

void ExportRunner::record(const exports::Published& published) {
    OwnRecords own(shell_, database_);
    const bool is_new = store::record_export(
        database_,
        own.key(),
        shell_.clock(),
        {options_.actor, exported_period(published), export_record_body(published)});
    if (is_new && own.is_alone()) {
        own.sign();
    }
}

// The open ones, and the closed ones that are not there as they were published when they were
// closed; no more than are kept.
std::vector<CivilDate> ExportRunner::periods_of(const exports::ExportPlan& plan,
                                                const exports::ExportFolder& folder) {
    store::Database reading = store::Database::open_for_reading(url_);
    const store::LogReader snapshot(reading);
    const store::StatementReader reader(snapshot, present_book(book_), shell_.clock().now());
    std::vector<std::pair<CivilDate, bool>> wanted;
    if (plan.closed_periods) {
        const std::vector<store::ExportedPeriod> known =
            store::read_exported_periods(database_, plan.name);
        for (const store::ClosedPeriod& closed : reader.closed()) {
            const std::string& month = closed.origin.period;
            const bool is_written =
                std::any_of(known.begin(), known.end(), [&](const store::ExportedPeriod& made) {
                    return made.period == month && made.state == "closed" &&
                           folder.holds(month, made.manifest_sha256);
                });
            wanted.emplace_back(value_or_throw(parse_month(month)), !is_written);
        }
    }
    if (plan.open_periods) {
        for (const billing::BillingPeriod& open : reader.open_periods()) {
            wanted.emplace_back(open.month, true);
        }
    }
    if (plan.keep > 0 && wanted.size() > plan.keep) {
        wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(plan.keep));
    }
    std::vector<CivilDate> months;
    for (const auto& [month, is_due] : wanted) {
        if (is_due) {
            months.push_back(month);
        }
    }
    return months;
}

void ExportRunner::remember(const exports::ExportPlan& plan,
                            Instant started,
                            const Outcome& outcome) {
    if (stop_requested()) {
        return;
    }
    store::ExportRun run =
        store::read_export_run(database_, plan.name).value_or(store::ExportRun{});
    run.name = plan.name;
    run.started = started;
    run.ended = shell_.clock().now();
    run.detail = outcome.period ? other_trouble(run.detail, format_month(*outcome.period)) : "";
    run.detail += (run.detail.empty() || outcome.trouble.empty() ? "" : "\n") + outcome.trouble;
    run.has_failed = !run.detail.empty();
    if (!outcome.trouble.empty()) {
        ++run.failures;
        run.retry_at = plan.schedule.empty()
                           ? std::nullopt
                           : std::optional(run.ended + exports::wait_after(run.failures));
    } else if (!run.has_failed) {
        run.failures = 0;
        run.retry_at.reset();
    }
    run.answered = outcome.trouble.empty() && outcome.answered ? outcome.answered : run.answered;
    store::write_export_run(database_, run);
}

std::string export_record_body(const exports::Published& published) {
    const exports::Manifest& manifest = published.manifest;
    nlohmann::json files = nlohmann::json::array();
    for (const exports::ManifestFile& file : manifest.files) {
        files.push_back({{"bytes", file.bytes},
                         {"name", file.name},
                         {"rows", file.rows},
                         {"sha256", file.sha256}});
    }
    return nlohmann::json{{"export", manifest.name},
                          {"files", files},
                          {"format", exports::format_name(manifest.format)},
                          {"log_size", manifest.log_size},
                          {"manifest_sha256", published.manifest_sha256},
                          {"period", manifest.period},
                          {"state", manifest.state}}
        .dump();
}

}  // namespace dcm::cli
