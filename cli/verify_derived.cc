#include "cli/verify_derived.h"

#include "cli/progress.h"
#include "cli/verify_tables.h"
#include "store/accepted_twice.h"
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

// Holds the signed note that a closed month carries against the keys and the tree of the log.
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

class DerivedCheck {
public:
    DerivedCheck(Shell& shell, const DerivedSource& source, audit::LogVerifier& verifier)
        : shell_(shell), source_(source), verifier_(verifier) {}

    audit::DerivedReport run() {
        const store::LogReader& reader = source_.snapshot.first();
        const store::DerivedState state =
            store::read_derived_state(reader.database().session(), source_.lifecycle);
        const std::string difference = compare_derived(shell_, source_.snapshot, state);
        if (!difference.empty()) {
            differ("the derived tables are not what the log gives: " + difference +
                   "; dcm-billing rebuild puts them right");
        }
        const store::BookFindings books = store::compare_books(reader, state);
        differ("the rule books are not those of the log: ", books.differences);
        for (const std::string& found : books.unproven) {
            verifier_.add_finding({audit::FindingKind::unproven, std::nullopt, found});
        }
        if (const auto twice = store::find_accepted_twice(reader)) {
            verifier_.add_finding({audit::FindingKind::tampered,
                                   twice->second,
                                   "accepts the event that record " + std::to_string(twice->first) +
                                       " has accepted: it is billed twice"});
        }
        differ("the account of the broker is not that of the log: ", store::compare_gaps(reader));
        differ("the closed months are not what the log says: ", compare_closed(shell_, reader));
        if (source_.keys) {
            check_closing_notes(reader, *source_.keys, verifier_);
        }
        return {/*is_compared=*/true, state.projected_to(), books.follows_book_in_use};
    }

private:
    void differ(std::string text) {
        verifier_.add_finding({audit::FindingKind::tampered, std::nullopt, std::move(text)});
    }
    void differ(const std::string& where, const std::vector<std::string>& differences) {
        for (const std::string& found : differences) {
            differ(where + found);
        }
    }

    Shell& shell_;
    const DerivedSource& source_;
    audit::LogVerifier& verifier_;
};

}  // namespace

audit::DerivedReport check_derived_tables(Shell& shell,
                                          const DerivedSource& source,
                                          audit::LogVerifier& verifier) {
    try {
        return DerivedCheck(shell, source, verifier).run();
    } catch (const Failure& failure) {
        verifier.add_finding(finding_of(failure));
    }
    return {};
}

}  // namespace dcm::cli
