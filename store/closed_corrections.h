#pragma once

#include "billing/statement.h"
#include "store/closed_periods.h"
#include "store/log_reader.h"
#include "store/present_book.h"

#include <vector>

namespace dcm::store {

// What corrects the closed periods as the log and the resource files stand now: each is rated again
// under its own stored book, and compared with the lines that were billed for it, corrections in
// later periods included. Nothing when neither an event earlier than the end of the last closed
// period was accepted since it was closed, nor a resource file changed. What lies before the first
// closed period counts as part of it. Complete but for period and number.
[[nodiscard]] std::vector<billing::StatementLine> find_corrections(
    const LogReader& snapshot, const std::vector<ClosedPeriod>& closed, const PresentBook& present);

}  // namespace dcm::store
