#include "store/table_check.h"

#include "migrations/schema_comparison.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace dcm::store {
namespace {

constexpr std::string_view kChecking = "check the tables";
constexpr std::string_view kSound = "ok";
constexpr std::size_t kFaultsMax = 3;  // of one table

constexpr std::string_view kIntegrity = "integrity_check";
// Of the rows themselves, without what indexes hold.
constexpr std::string_view kStructure = "quick_check";
// What SQLite writes before all it finds in the pages.
constexpr std::string_view kOfPages = "*** in database main ***\n";

bool is_evidence(const std::string& table) {
    constexpr std::array names{"log_identity", "audit_head", "audit_seal", "audit_checkpoint"};
    return std::find(names.begin(), names.end(), table) != names.end();
}

bool is_of_log(const std::string& table) {
    constexpr std::array names{"audit_log", "audit_payload", "audit_tile"};
    return std::find(names.begin(), names.end(), table) != names.end();
}

// One for each row: of what is wrong with pages the first line.
std::string fault_of(std::string_view told) {
    if (told.starts_with(kOfPages)) {
        told.remove_prefix(kOfPages.size());
    }
    return std::string(told.substr(0, told.find('\n')));
}

// Names are our own, so nothing in them need be quoted.
void add_faults(soci::session& session,
                const std::string& pragma,
                const std::string& table,
                std::vector<std::string>& faults) {
    RowStatement rows(session, ("PRAGMA " + pragma + "('" + table + "')").c_str());
    for (std::size_t found = 0; found < kFaultsMax && rows.fetch(); ++found) {
        if (rows.text(0) == kSound) {
            return;
        }
        faults.push_back("table " + table + ": " + fault_of(rows.text(0)));
    }
}

std::vector<std::string> faults_of(const LogReader& snapshot,
                                   std::string_view pragma,
                                   const std::function<bool(const std::string&)>& is_checked) {
    return guarded(kChecking, [&] {
        soci::session& session = snapshot.database().session();
        std::vector<std::string> faults;
        for (const std::string& table : migrations::checkable_tables(session)) {
            if (is_checked(table)) {
                add_faults(session, std::string(pragma), table, faults);
            }
        }
        return faults;
    });
}

}  // namespace

std::vector<std::string> table_faults(const LogReader& snapshot, CheckedTables tables) {
    return faults_of(snapshot, kIntegrity, [tables](const std::string& table) {
        return tables == CheckedTables::all || is_evidence(table);
    });
}

std::vector<std::string> structure_faults(const LogReader& snapshot) {
    return faults_of(snapshot, kStructure, is_of_log);
}

}  // namespace dcm::store
