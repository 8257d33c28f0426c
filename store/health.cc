#include "store/health.h"

#include "migrations/migrator.h"
#include "store/projection.h"
#include "store/source_ledger.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kLookingAtDatabase = "look at the database";
constexpr const char* kSelectSqliteVersion = "SELECT sqlite_version()";
constexpr const char* kSelectNewestRecord =
    "SELECT recorded_at FROM audit_log NOT INDEXED ORDER BY seq DESC LIMIT 1";
constexpr const char* kSelectStreams =
    "SELECT e.created_ns, max(r.last_sequence) FROM broker_epoch AS e "
    "JOIN broker_range AS r ON r.epoch = e.epoch WHERE e.stream = :stream GROUP BY e.created_ns";

template <typename T>
T one_value(soci::session& session, const char* sql) {
    T value{};
    session << sql, soci::into(value);
    return value;
}

std::optional<Instant> newest_record(soci::session& session) {
    std::int64_t micros = 0;
    soci::statement statement = (session.prepare << kSelectNewestRecord, soci::into(micros));
    return fetch_one(statement) ? std::optional(Instant{micros}) : std::nullopt;
}

std::vector<RecordedStream> recorded_streams(soci::session& session, const std::string& name) {
    std::vector<RecordedStream> streams;
    RecordedStream row;
    soci::statement statement = (session.prepare << kSelectStreams,
                                 soci::use(name, "stream"),
                                 soci::into(row.created_ns),
                                 soci::into(row.last_sequence));
    statement.execute();
    while (statement.fetch()) {
        streams.push_back(row);
    }
    return streams;
}

LogFacts read_log_facts(Database& database, const DurableName& name) {
    const LogReader snapshot(database);
    LogFacts facts;
    facts.schema_differences = snapshot.schema_differences();
    facts.log_id = snapshot.log_id();
    facts.size = snapshot.head().size;
    facts.projected = read_projection_state(database.session()).log_size;
    facts.newest_record = newest_record(database.session());
    facts.newest_checkpoint = snapshot.newest_checkpoint();
    facts.streams = {recorded_streams(database.session(), name.stream),
                     accounted_streams(database.session(), name.stream, name.durable)};
    return facts;
}

}  // namespace

DatabaseFacts read_facts(const DatabaseUrl& url, const DurableName& name) {
    Database database = Database::open_for_inspection(url);
    return guarded(kLookingAtDatabase, [&database, &name] {
        soci::session& session = database.session();
        DatabaseFacts facts;
        facts.sqlite_version = one_value<std::string>(session, kSelectSqliteVersion);
        facts.journal_mode = one_value<std::string>(session, "PRAGMA journal_mode");
        facts.page_size = one_value<int>(session, "PRAGMA page_size");
        facts.migrations_missing = migrations::sqlite_migrations().size() -
                                   migrations::schema_status(session).applied.size();
        if (database.has_schema()) {
            facts.log = read_log_facts(database, name);
        }
        return facts;
    });
}

}  // namespace dcm::store
