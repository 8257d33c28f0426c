#include "cli/export_run.h"

#include "base/zone.h"
#include "cli/covering_checkpoint.h"
#include "cli/own_records.h"
#include "cli/progress.h"
#include "cli/statements.h"
#include "cli/stop_signal.h"
#include "exports/due.h"
#include "store/statement_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
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

}  // namespace

ExportRunner::ExportRunner(Shell& shell, Options options)
    : shell_(shell),
      options_(std::move(options)),
      book_(load_book(shell.config().rules)),
      url_(shell.existing_database()),
      database_(store::Database::open_for_writing(url_)) {}

std::vector<ExportedResult> ExportRunner::run(const exports::ExportPlan& plan,
                                              std::optional<CivilDate> period,
                                              std::optional<Instant> answered) {
    const auto before = store::read_export_run(database_, plan.name);
    store::ExportRun run = before.value_or(store::ExportRun{});
    run.name = plan.name;
    run.started = shell_.clock().now();
    try {
        std::vector<ExportedResult> results = publish_periods(plan, period);
        run.answered = answered ? answered : run.answered;
        remember(plan, run, "");
        return results;
    } catch (const Failure& failure) {
        remember(plan, run, failure.what());
        throw;
    }
}

std::optional<Instant> ExportRunner::due(const exports::ExportPlan& plan) {
    if (plan.schedule.empty()) {
        return std::nullopt;
    }
    const exports::Schedule schedule = value_or_throw(exports::Schedule::parse(plan.schedule));
    return exports::due_moment(schedule,
                               book_.rules.zone,
                               history_of(store::read_export_run(database_, plan.name)),
                               shell_.clock().now());
}

std::vector<ExportedResult> ExportRunner::publish_periods(const exports::ExportPlan& plan,
                                                          std::optional<CivilDate> period) {
    exports::ExportFolder folder(plan);
    const std::vector<CivilDate> months =
        period ? std::vector<CivilDate>{*period} : periods_of(plan, folder);
    std::vector<ExportedResult> results;
    results.reserve(months.size());
    for (const CivilDate month : months) {
        results.push_back(publish_one(plan, folder, month));
    }
    for (const std::string& old : folder.remove_old()) {
        store::ExportedPeriod removed;
        removed.name = plan.name;
        removed.period = old;
        store::forget_exported_period(database_, removed);
    }
    return results;
}

ExportedResult ExportRunner::publish_one(const exports::ExportPlan& plan,
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
        const std::string issuer =
            book_.rules.issuer.empty() ? shell_.config().audit.deployment : book_.rules.issuer;
        published = value_or_throw(
            folder.publish({statements.origin(),
                            statements.totals(),
                            [&statements](const auto& visit) { statements.each_line(visit); },
                            issuer,
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
    return {published->manifest.period, *published};
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

// The open ones, and the closed ones that are not published as closed yet; no more than are kept.
std::vector<CivilDate> ExportRunner::periods_of(const exports::ExportPlan& plan,
                                                const exports::ExportFolder& folder) {
    store::Database reading = store::Database::open_for_reading(url_);
    const store::LogReader snapshot(reading);
    const store::StatementReader reader(snapshot, present_book(book_), shell_.clock().now());
    std::vector<std::pair<CivilDate, bool>> wanted;
    if (plan.closed_periods) {
        for (const store::ClosedPeriod& closed : reader.closed()) {
            const auto manifest = folder.published(closed.origin.period);
            const bool is_written = manifest && manifest->state == "closed";
            wanted.emplace_back(value_or_throw(parse_month(closed.origin.period)), !is_written);
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
                            store::ExportRun run,
                            const std::string& trouble) {
    run.ended = shell_.clock().now();
    run.has_failed = !trouble.empty();
    run.detail = trouble;
    run.failures = run.has_failed ? run.failures + 1 : 0;
    run.retry_at = run.has_failed && !plan.schedule.empty()
                       ? std::optional(run.ended + exports::wait_after(run.failures))
                       : std::nullopt;
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
