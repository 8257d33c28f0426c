// Proofs, hashes and a witness's requests and state, read as texts: what is accepted is written
// again as the same text (of a proof without its lines `extra`), and has no more hashes than
// allowed.

#include "audit/proof.h"
#include "audit/proof_text.h"
#include "audit/witness.h"
#include "tests/fuzz/fuzz.h"

#include <string>

namespace dcm::fuzz {
namespace {

void check_proof(std::string_view text) {
    const auto proof = audit::parse_tlog_proof(text);
    if (!proof.ok()) return;
    DCM_CHECK(audit::is_tlog_proof(text));
    DCM_CHECK(proof.value().hashes.size() <= audit::kProofHashesMax);
    const std::string written = audit::format_tlog_proof(proof.value());
    const auto again = audit::parse_tlog_proof(written);
    DCM_CHECK(again.ok() && audit::format_tlog_proof(again.value()) == written);
    DCM_CHECK(again.value().index == proof.value().index);
    DCM_CHECK(again.value().note == proof.value().note);
}

void check_hashes(std::string_view text) {
    const auto hashes = audit::parse_hashes(text);
    if (!hashes.ok()) return;
    DCM_CHECK(hashes.value().size() <= audit::kProofHashesMax);
    const auto again = audit::parse_hashes(audit::format_hashes(hashes.value()));
    DCM_CHECK(again.ok() && again.value() == hashes.value());
}

void check_request(std::string_view text) {
    const auto request = audit::parse_add_checkpoint(text);
    if (!request.ok()) return;
    DCM_CHECK(request.value().proof.size() <= audit::kAddCheckpointHashesMax);
    DCM_CHECK(audit::format_add_checkpoint(request.value()) == text);
    // A witness that knows no log cosigns nothing.
    const auto decision = audit::WitnessedLogs({}).decide(request.value());
    DCM_CHECK(decision.status == audit::WitnessStatus::malformed ||
              decision.status == audit::WitnessStatus::unknown_log);
}

}  // namespace

void examine(std::string_view bytes) {
    check_proof(bytes);
    check_hashes(bytes);
    check_request(bytes);
    audit::WitnessedLogs logs({});
    if (!logs.restore(bytes)) {
        DCM_CHECK(logs.state() == bytes);
    }
}

}  // namespace dcm::fuzz
