#include "cli/log_passage.h"

#include "store/examined_log.h"
#include "store/redaction.h"

#include <string>
#include <utility>

namespace dcm::cli {
namespace {

constexpr std::int64_t kProgressStep = 1'024;
// What a run that is killed has to read again is at most so much.
constexpr std::int64_t kRowsBetweenSaves = 1'048'576;

}  // namespace

void LogPassage::run(std::int64_t from, audit::LogVerifier& verifier) {
    const std::int64_t total = snapshot_.first().head().size - from;
    std::int64_t done = 0;
    const auto row = [&](audit::ExaminedRow&& examined) {
        if (examined.redacts) {
            redacted_.push_back(*examined.redacts);
        }
        verifier.add(std::move(examined));
        if (++done % kProgressStep == 0) {
            progress_.show({done, total});
        }
        if (done % kRowsBetweenSaves == 0) {
            save(verifier);
        }
    };
    const auto orphan = [&verifier](std::int64_t seq) {
        verifier.add_finding({audit::FindingKind::tampered, seq, "a payload without its record"});
    };
    store::examine_log(snapshot_, from, {row, orphan});
    check_redactions(verifier);
    check_rows_before(from, verifier);
}

void LogPassage::check_redactions(audit::LogVerifier& verifier) const {
    for (const std::int64_t seq : redacted_) {
        if (!store::is_erased(snapshot_.first(), seq)) {
            verifier.add_finding({audit::FindingKind::tampered,
                                  seq,
                                  "record " + std::to_string(seq) +
                                      ": another says that its payload was redacted, and "
                                      "something lies beside it"});
        }
    }
}

void LogPassage::check_rows_before(std::int64_t from, audit::LogVerifier& verifier) const {
    // A smaller head is a rollback, which the verifier tells.
    if (from == 0 || snapshot_.first().head().size < from) {
        return;
    }
    const store::SeqCount rows = snapshot_.first().count_before(from);
    if (rows.count != from || rows.first != 0) {
        verifier.add_finding({audit::FindingKind::tampered,
                              std::nullopt,
                              "expected records 0 to " + std::to_string(from - 1) +
                                  ", as were verified before, there are " +
                                  std::to_string(rows.count) + ", from record " +
                                  std::to_string(rows.first) + " on"});
    }
}

void LogPassage::save(audit::LogVerifier& verifier) {
    if (state_) {
        if (const auto verified = verifier.verified()) {
            state_->save(*verified);
        }
    }
}

}  // namespace dcm::cli
