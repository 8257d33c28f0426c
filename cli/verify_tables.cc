#include "cli/verify_tables.h"

#include "store/beside.h"

#include <functional>
#include <optional>

namespace dcm::cli {
namespace {

using Faults = std::vector<std::string>;

void add_table_faults(const std::function<Faults()>& check, audit::LogVerifier& verifier) {
    try {
        for (const std::string& fault : check()) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "not as this program writes it: " + fault});
        }
    } catch (const Failure& failure) {
        verifier.add_finding(finding_of(failure));
    }
}

}  // namespace

audit::Finding finding_of(const Failure& failure) {
    const auto kind = failure.kind() == ErrorKind::malformed ? audit::FindingKind::tampered
                                                             : audit::FindingKind::unreadable;
    return {kind, std::nullopt, failure.what()};
}

void check_tables(const store::LogReader& snapshot,
                  store::CheckedTables tables,
                  audit::LogVerifier& verifier) {
    add_table_faults([&] { return store::table_faults(snapshot, tables); }, verifier);
}

StructureCheck::StructureCheck(const store::SharedSnapshot& snapshot)
    // A single worker has the connection of the calling thread.
    : faults_(std::async(snapshot.workers() == 1 ? std::launch::deferred : store::kBeside,
                         [&snapshot] { return store::structure_faults(snapshot.checker()); })) {}

void StructureCheck::finish(audit::LogVerifier& verifier) {
    add_table_faults([this] { return faults_.get(); }, verifier);
}

}  // namespace dcm::cli
