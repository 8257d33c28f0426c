#pragma once

#include "billing/intervals.h"
#include "billing/quantity.h"
#include "billing/statement.h"
#include "store/closed_periods.h"
#include "store/log_reader.h"
#include "store/present_book.h"

#include <string>
#include <vector>

namespace dcm::store {

// Usage of a closed period that was not known when the last one was closed, and that no rate of the
// period's book matches.
struct LateUnrated {
    std::string period;
    billing::InstanceKey instance;
    billing::Int128 micros = 0;
};

struct Corrections {
    std::vector<billing::StatementLine> lines;  // complete but for period and number
    std::vector<LateUnrated> unrated;           // by period and instance
};

// What corrects the closed periods as the log and the resource files stand now: each is rated again
// under its own stored book, and compared with the lines that were billed for it, corrections in
// later periods included. Nothing when neither an event earlier than the end of the last closed
// period was accepted since it was closed, nor a resource file changed. What lies before the first
// closed period counts as part of it.
[[nodiscard]] Corrections find_corrections(const LogReader& snapshot,
                                           const std::vector<ClosedPeriod>& closed,
                                           const PresentBook& present);

}  // namespace dcm::store
