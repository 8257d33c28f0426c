#include "store/table_check.h"

#include "migrations/migrator.h"
#include "store/row_statement.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kChecking = "check the tables";
constexpr std::string_view kSound = "ok";
constexpr std::size_t kFaultsMax = 3;  // of one table

std::vector<std::string> names_of(CheckedTables tables) {
    switch (tables) {
        case CheckedTables::evidence:
            return {"log_identity", "audit_head", "audit_seal", "audit_checkpoint"};
        case CheckedTables::all:
            break;
    }
    return migrations::own_tables();
}

// Names are our own, so nothing in them need be quoted.
void add_faults(soci::session& session,
                const std::string& table,
                std::vector<std::string>& faults) {
    RowStatement rows(session, ("PRAGMA integrity_check('" + table + "')").c_str());
    for (std::size_t found = 0; found < kFaultsMax && rows.fetch(); ++found) {
        if (rows.text(0) == kSound) {
            return;
        }
        faults.push_back("table " + table + ": " + std::string(rows.text(0)));
    }
}

}  // namespace

std::vector<std::string> table_faults(const LogReader& snapshot, CheckedTables tables) {
    return guarded(kChecking, [&] {
        std::vector<std::string> faults;
        for (const std::string& table : names_of(tables)) {
            add_faults(snapshot.database().session(), table, faults);
        }
        return faults;
    });
}

}  // namespace dcm::store
