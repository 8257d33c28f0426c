#include "store/export_state.h"

#include "audit/record.h"
#include "store/log_append.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kReadingExports = "read what exports did";
constexpr std::string_view kWriting = "record what an export did";
constexpr std::string_view kExportMade = "export.made";
constexpr std::string_view kDone = "done";
constexpr std::string_view kFailed = "failed";

constexpr const char* kSelectRun =
    "SELECT answered_at, started_at, ended_at, outcome, detail, failures, retry_at "
    "FROM export_run WHERE name = :name";
constexpr const char* kReplaceRun =
    "INSERT OR REPLACE INTO export_run (name, answered_at, started_at, ended_at, outcome, detail,"
    " failures, retry_at) "
    "VALUES (:name, :answered_at, :started_at, :ended_at, :outcome, :detail, :failures, :retry_at)";
constexpr const char* kSelectExportedPeriods =
    "SELECT period, state, manifest_sha256, rows, bytes, record "
    "FROM export_period WHERE name = :name ORDER BY period";
constexpr const char* kSelectManifest =
    "SELECT manifest_sha256 FROM export_period WHERE name = :name AND period = :period";
constexpr const char* kReplacePeriod =
    "INSERT OR REPLACE INTO export_period (name, period, state, manifest_sha256, rows, bytes,"
    " record) "
    "VALUES (:name, :period, :state, :manifest_sha256, :rows, :bytes, :record)";
constexpr const char* kDeletePeriod =
    "DELETE FROM export_period WHERE name = :name AND period = :period";

std::optional<std::int64_t> micros_of(const std::optional<Instant>& at) {
    return at ? std::optional(at->micros) : std::nullopt;
}

std::optional<Instant> instant_of(const Nullable<std::int64_t>& micros) {
    const auto value = micros.get();
    return value ? std::optional(Instant{*value}) : std::nullopt;
}

bool is_recorded(soci::session& session, const ExportedPeriod& exported) {
    std::string manifest;
    session << kSelectManifest, soci::use(exported.name, "name"),
        soci::use(exported.period, "period"), soci::into(manifest);
    return session.got_data() && manifest == exported.manifest_sha256;
}

void remember(soci::session& session, const ExportedPeriod& exported) {
    session << kReplacePeriod, soci::use(exported.name, "name"),
        soci::use(exported.period, "period"), soci::use(exported.state, "state"),
        soci::use(exported.manifest_sha256, "manifest_sha256"), soci::use(exported.rows, "rows"),
        soci::use(exported.bytes, "bytes"), soci::use(exported.record, "record");
}

}  // namespace

std::optional<ExportRun> read_export_run(Database& database, const std::string& name) {
    return guarded(kReadingExports, [&]() -> std::optional<ExportRun> {
        Nullable<std::int64_t> answered;
        Nullable<std::int64_t> retry_at;
        std::string outcome;
        ExportRun run;
        database.session() << kSelectRun, soci::use(name, "name"),
            soci::into(answered.value, answered.state), soci::into(run.started.micros),
            soci::into(run.ended.micros), soci::into(outcome), soci::into(run.detail),
            soci::into(run.failures), soci::into(retry_at.value, retry_at.state);
        if (!database.session().got_data()) {
            return std::nullopt;
        }
        run.name = name;
        run.answered = instant_of(answered);
        run.has_failed = outcome == kFailed;
        run.retry_at = instant_of(retry_at);
        return run;
    });
}

void write_export_run(Database& database, const ExportRun& run) {
    guarded(kWriting, [&] {
        Nullable<std::int64_t> answered;
        answered.set(micros_of(run.answered));
        Nullable<std::int64_t> retry_at;
        retry_at.set(micros_of(run.retry_at));
        const std::string outcome(run.has_failed ? kFailed : kDone);
        migrations::WriteTransaction transaction(database.session(), kWriting);
        database.session() << kReplaceRun, soci::use(run.name, "name"),
            soci::use(answered.value, answered.state, "answered_at"),
            soci::use(run.started.micros, "started_at"), soci::use(run.ended.micros, "ended_at"),
            soci::use(outcome, "outcome"), soci::use(run.detail, "detail"),
            soci::use(run.failures, "failures"),
            soci::use(retry_at.value, retry_at.state, "retry_at");
        transaction.commit();
    });
}

std::vector<ExportedPeriod> read_exported_periods(Database& database, const std::string& name) {
    return guarded(kReadingExports, [&] {
        ExportedPeriod row;
        soci::statement statement = (database.session().prepare << kSelectExportedPeriods,
                                     soci::use(name, "name"),
                                     soci::into(row.period),
                                     soci::into(row.state),
                                     soci::into(row.manifest_sha256),
                                     soci::into(row.rows),
                                     soci::into(row.bytes),
                                     soci::into(row.record));
        statement.execute();
        std::vector<ExportedPeriod> periods;
        while (statement.fetch()) {
            periods.push_back(row);
            periods.back().name = name;
        }
        return periods;
    });
}

void forget_exported_period(Database& database, const ExportedPeriod& exported) {
    guarded(kWriting, [&] {
        migrations::WriteTransaction transaction(database.session(), kWriting);
        database.session() << kDeletePeriod, soci::use(exported.name, "name"),
            soci::use(exported.period, "period");
        transaction.commit();
    });
}

bool record_export(Database& database,
                   const audit::SigningKey& key,
                   const Clock& clock,
                   ExportRecord made) {
    return guarded(kWriting, [&] {
        LogAppend append(database, key, clock, {made.actor, std::string(kWriting)});
        if (is_recorded(append.session(), made.exported)) {
            return false;
        }
        audit::Record record;
        record.kind = kExportMade;
        record.subject = made.exported.name + '/' + made.exported.period;
        record.outcome = audit::kOutcomeDone;
        record.body = made.body;
        append.record(record);
        made.exported.record = record.seq;
        remember(append.session(), made.exported);
        append.commit();
        return true;
    });
}

}  // namespace dcm::store
