#include "store/schema.h"

#include "migrations/migrator.h"

namespace dcm::store {
namespace {

std::string summary_of(std::size_t known, std::size_t applied) {
    const std::size_t missing = known - applied;
    if (missing == 0) {
        return "schema is current";
    }
    return std::to_string(missing) + (missing == 1 ? " migration" : " migrations") +
           " to apply: run `dcm-billing migrate up`";
}

}  // namespace

SchemaOverview schema_overview(const DatabaseUrl& url) {
    Database database = Database::open_for_inspection(url);
    const migrations::SchemaStatus status = migrations::schema_status(database.session());
    SchemaOverview overview;
    for (const migrations::Migration& migration : migrations::sqlite_migrations()) {
        SchemaStep step{migration.version, std::string(migration.name), std::nullopt};
        const std::size_t index = overview.steps.size();
        if (index < status.applied.size()) {
            step.applied_at = status.applied[index].applied_at;
        }
        overview.steps.push_back(std::move(step));
    }
    overview.summary = summary_of(overview.steps.size(), status.applied.size());
    return overview;
}

}  // namespace dcm::store
