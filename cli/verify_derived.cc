#include "cli/verify_derived.h"

#include "cli/book.h"
#include "cli/progress.h"
#include "store/book_check.h"
#include "store/closed_check.h"
#include "store/gap_check.h"
#include "store/merkle_reader.h"
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

// Empty when it is one of the log, of no more than the month was closed at.
std::string fault_of(const store::ClosingNote& closing,
                     const audit::LogKeys& keys,
                     store::MerkleReader& tree) {
    const audit::OpenedLogNote opened = audit::open_log_note(closing.note, keys);
    if (const auto* const problem = std::get_if<audit::NoteProblem>(&opened.state)) {
        return problem->message;
    }
    const audit::Checkpoint& checkpoint = std::get<audit::LogNote>(opened.state).checkpoint;
    if (checkpoint.size > closing.log_size || checkpoint.size > tree.size()) {
        return "it is of " + std::to_string(checkpoint.size) +
               " records, the month was closed at " + std::to_string(closing.log_size);
    }
    try {
        return tree.root(checkpoint.size) == checkpoint.root ? "" : "it is of another history";
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        return failure.what();
    }
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
        for (const std::string& found : store::compare_books(snapshot.first())) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "the rule books are not those of the log: " + found});
        }
        for (const std::string& found : store::compare_gaps(snapshot.first())) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  std::nullopt,
                                  "the account of the broker is not that of the log: " + found});
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

void check_closing_notes(const store::LogReader& snapshot,
                         const audit::LogKeys& keys,
                         audit::LogVerifier& verifier) {
    store::MerkleReader tree(snapshot);
    for (const store::ClosingNote& closing : store::closing_notes(snapshot)) {
        const std::string fault = fault_of(closing, keys, tree);
        if (!fault.empty()) {
            verifier.add_finding(
                {audit::FindingKind::tampered,
                 std::nullopt,
                 "the signed note of the closed month " + closing.period + ": " + fault});
        }
    }
}

}  // namespace dcm::cli
