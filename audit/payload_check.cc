#include "audit/payload_check.h"

#include "audit/hash.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dcm::audit {
namespace {

// A quotation mark inside a JSON string is escaped, so this text in a body is the member itself.
constexpr std::string_view kHeadersCommit = R"("headers_commit":")";
constexpr std::size_t kCommitDigits = 2 * kHashBytes;

std::optional<std::string_view> headers_commit(const Record& record) {
    if (!record.body) {
        return std::nullopt;
    }
    const std::string_view body = *record.body;
    const std::size_t at = body.find(kHeadersCommit);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return body.substr(at + kHeadersCommit.size(), kCommitDigits);
}

}  // namespace

PayloadCheck::PayloadCheck(Findings& findings) : findings_(findings) {}

void PayloadCheck::add(const Record& record, const PayloadParts& parts) {
    note_redaction(record);
    if (!record.payload_commit) {
        if (parts.payload) {
            tampered(record.seq, "a payload lies beside it, the record commits to none");
        }
        return;
    }
    if (!parts.salt || !parts.payload) {
        note_missing(record.seq);
        return;
    }
    if (payload_commitment({*parts.salt, *parts.payload}) != *record.payload_commit) {
        tampered(record.seq, "its payload differs from payload_commit");
    } else if (record.payload_len &&
               std::cmp_not_equal(*record.payload_len, parts.payload->size())) {
        tampered(record.seq, "its payload has another length than payload_len");
    }
    check_headers(record, parts);
}

void PayloadCheck::check_headers(const Record& record, const PayloadParts& parts) {
    const std::optional<std::string_view> commit = headers_commit(record);
    if (commit.has_value() != parts.headers.has_value()) {
        tampered(
            record.seq,
            commit ? "its headers are missing" : "it commits to no headers, some lie beside it");
    } else if (commit && to_hex(sha256({*parts.salt, *parts.headers})) != *commit) {
        tampered(record.seq, "its headers differ from headers_commit");
    }
}

void PayloadCheck::note_redaction(const Record& record) {
    if (record.kind != kPayloadRedacted) {
        return;
    }
    const std::optional<std::int64_t> seq = parse_seq_subject(record.subject);
    if (seq && *seq < record.seq) {
        redacted_.push_back(*seq);
    }
}

void PayloadCheck::note_missing(std::int64_t seq) {
    if (!missing_.empty() && missing_.back().end == seq) {
        ++missing_.back().end;
    } else {
        missing_.push_back({seq, seq + 1});
    }
}

void PayloadCheck::finish() {
    std::sort(redacted_.begin(), redacted_.end());
    redacted_.erase(std::unique(redacted_.begin(), redacted_.end()), redacted_.end());
    for (const Gap& gap : missing_) {
        std::int64_t seq = gap.start;
        auto redacted = std::lower_bound(redacted_.begin(), redacted_.end(), seq);
        while (seq < gap.end && redacted != redacted_.end() && *redacted == seq) {
            ++seq;
            ++redacted;
        }
        if (seq < gap.end) {
            tampered(seq, "its payload is missing and no record says that it was redacted");
        }
    }
}

void PayloadCheck::tampered(std::int64_t seq, std::string_view what) {
    findings_.add(
        {FindingKind::tampered, seq, "record " + std::to_string(seq) + ": " + std::string(what)});
}

}  // namespace dcm::audit
