#include "audit/payload_check.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dcm::audit {
namespace {

void add_one(std::int64_t seq, std::vector<SeqStretch>& stretches) {
    if (!stretches.empty() && stretches.back().end == seq) {
        ++stretches.back().end;
    } else {
        stretches.push_back({seq, seq + 1});
    }
}

}  // namespace

PayloadCheck::PayloadCheck(Findings& findings, std::vector<SeqStretch> missing)
    : findings_(findings), missing_(std::move(missing)) {}

void PayloadCheck::add(const ExaminedRow& row) {
    if (row.redacts) {
        redacted_.push_back(*row.redacts);
    }
    if (row.lacks_payload) {
        add_one(row.seq, missing_);
    }
}

const std::vector<SeqStretch>& PayloadCheck::unexplained() {
    std::sort(redacted_.begin(), redacted_.end());
    redacted_.erase(std::unique(redacted_.begin(), redacted_.end()), redacted_.end());
    std::vector<SeqStretch> rest;
    for (const SeqStretch& stretch : missing_) {
        std::int64_t start = stretch.start;
        auto redacted = std::lower_bound(redacted_.begin(), redacted_.end(), start);
        for (; redacted != redacted_.end() && *redacted < stretch.end; ++redacted) {
            if (start < *redacted) {
                rest.push_back({start, *redacted});
            }
            start = *redacted + 1;
        }
        if (start < stretch.end) {
            rest.push_back({start, stretch.end});
        }
    }
    missing_ = std::move(rest);
    // A redaction reaches back only, so these explain nothing that is yet to come.
    redacted_.clear();
    return missing_;
}

void PayloadCheck::finish() {
    for (const SeqStretch& stretch : unexplained()) {
        findings_.add({FindingKind::tampered,
                       stretch.start,
                       "record " + std::to_string(stretch.start) +
                           ": its payload is missing and no record says that it was redacted"});
    }
}

}  // namespace dcm::audit
