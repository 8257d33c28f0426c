#pragma once

#include "audit/examined_row.h"
#include "audit/verdict.h"

#include <cstdint>
#include <vector>

namespace dcm::audit {

// Records [start, end), one after the other.
struct SeqStretch {
    std::int64_t start = 0;
    std::int64_t end = 0;

    bool operator==(const SeqStretch&) const = default;
};

// Holds payloads that are missing against the redactions that the log records: those follow later.
class PayloadCheck {
public:
    // `missing`: what an earlier part of the log lacks, and nothing in that part explains.
    PayloadCheck(Findings& findings, std::vector<SeqStretch> missing);
    PayloadCheck(const PayloadCheck&) = delete;
    PayloadCheck& operator=(const PayloadCheck&) = delete;
    ~PayloadCheck() = default;

    // Rows in the order of their seq.
    void add(const ExaminedRow& row);
    // What is missing so far without a redaction.
    [[nodiscard]] const std::vector<SeqStretch>& unexplained();
    // After the last row: a payload that is gone without a redaction was tampered with.
    void finish();

private:
    Findings& findings_;
    std::vector<SeqStretch> missing_;
    std::vector<std::int64_t> redacted_;
};

}  // namespace dcm::audit
