#pragma once

#include "audit/record.h"
#include "audit/verdict.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dcm::audit {

// What lies beside a record, outside its leaf; absent parts were erased or never were.
struct PayloadParts {
    std::optional<std::string_view> salt;
    std::optional<std::string_view> payload;
    std::optional<std::string_view> headers;
};

// Holds what lies beside the records against the commitments in them, and what is missing against
// the redactions that the log records.
class PayloadCheck {
public:
    explicit PayloadCheck(Findings& findings);
    PayloadCheck(const PayloadCheck&) = delete;
    PayloadCheck& operator=(const PayloadCheck&) = delete;
    ~PayloadCheck() = default;

    // Records in the order of their seq.
    void add(const Record& record, const PayloadParts& parts);
    // After the last record: a payload that is gone without a redaction was tampered with.
    void finish();

private:
    // Records [start, end), one after the other, without their payload.
    struct Gap {
        std::int64_t start = 0;
        std::int64_t end = 0;
    };

    void note_missing(std::int64_t seq);
    void note_redaction(const Record& record);
    void check_headers(const Record& record, const PayloadParts& parts);
    void tampered(std::int64_t seq, std::string_view what);

    Findings& findings_;
    std::vector<Gap> missing_;
    std::vector<std::int64_t> redacted_;
};

}  // namespace dcm::audit
