#pragma once

#include "billing/rated_lines.h"
#include "billing/statement.h"

#include <vector>

namespace dcm::billing {

// Corrects closed usage: compares the lines that stand, which were billed for a stretch of time and
// not taken back since, with what is right for it now. A line that stands and is right is left
// alone; one that is not is taken back (`reversal`); what is right and does not stand is billed
// (`correction`). Together with the corrections, what stands is exactly what is right: applied
// again there are none, and a chain of them adds up whatever it is made of.
class CorrectionFinder {
public:
    // What is right now, sorted; it outlives this.
    explicit CorrectionFinder(const RatedLines& right);

    // A line that stands, of any closed period, in any order, each once.
    void add_standing(const StatementLine& line);

    // Reversals and corrections, complete but for period and number, in the order of (service type,
    // instance, meter, start), of one start the reversal first. A correction is linked to the line
    // of its instance and meter that is taken back and that it overlaps longest.
    [[nodiscard]] std::vector<StatementLine> finish();

private:
    const RatedLines& right_;
    std::vector<bool> stands_;  // of right_
    std::vector<StatementLine> reversals_;
};

}  // namespace dcm::billing
