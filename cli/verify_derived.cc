#include "cli/verify_derived.h"

#include "cli/book.h"
#include "cli/progress.h"
#include "store/closed_check.h"
#include "store/rebuild_check.h"

namespace dcm::cli {
namespace {

std::string compare_derived(Shell& shell,
                            const store::SharedSnapshot& snapshot,
                            const store::DerivedState& state) {
    Progress progress("compare", shell.clock());
    const auto show = [&progress](std::int64_t done, std::int64_t total) {
        progress.show({done, total});
    };
    return store::compare_with_log(snapshot, state, show).first();
}

// A bar of its own: it counts lines.
std::vector<std::string> compare_closed(Shell& shell, const store::LogReader& snapshot) {
    Progress progress("closed months", shell.clock());
    return store::compare_closed_periods(snapshot,
                                         [&progress](std::int64_t done, std::int64_t total) {
                                             progress.show({done, total});
                                         });
}

}  // namespace

void check_tables(const store::LogReader& snapshot,
                  store::CheckedTables tables,
                  audit::LogVerifier& verifier) {
    for (const std::string& fault : store::table_faults(snapshot, tables)) {
        verifier.add_finding({audit::FindingKind::tampered,
                              std::nullopt,
                              "not as this program writes it: " + fault});
    }
}

void check_derived_tables(Shell& shell,
                          const store::SharedSnapshot& snapshot,
                          audit::LogVerifier& verifier) {
    const Book book = load_book(shell.config().rules);
    const store::DerivedState state =
        store::read_derived_state(snapshot.first().database().session(), book.rules.lifecycle);
    if (!state.lifecycle && state.projection_size != 0) {
        verifier.add_finding({audit::FindingKind::unproven,
                              std::nullopt,
                              "instances and intervals were derived under a rule book that is not "
                              "kept in the database; give it with --rules"});
    }
    try {
        const std::string difference = compare_derived(shell, snapshot, state);
        if (!difference.empty()) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "the derived tables are not what the log gives: " + difference +
                                      "; dcm-billing rebuild puts them right"});
        }
        for (const std::string& found : compare_closed(shell, snapshot.first())) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "the closed months are not what the log says: " + found});
        }
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        verifier.add_finding({audit::FindingKind::tampered, std::nullopt, failure.what()});
    }
}

}  // namespace dcm::cli
