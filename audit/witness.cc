#include "audit/witness.h"

#include "audit/proof.h"
#include "audit/state_text.h"
#include "base/encoding.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace dcm::audit {
namespace {

constexpr std::string_view kWitnessTitle = "dcm-billing witness/1\n";

// Decimal without sign and leading zeros.
std::optional<std::int64_t> size_in(std::string_view digits) {
    const std::optional<std::int64_t> size = number_in(digits);
    const bool is_plain = size && *size >= 0 && std::to_string(*size) == digits;
    return is_plain ? size : std::nullopt;
}

std::optional<Hash> hash_in(std::string_view text) {
    const std::optional<std::string> bytes = base64_decode(text);
    return bytes ? hash_from_bytes(*bytes) : std::nullopt;
}

WitnessDecision refuse(WitnessStatus status, std::string why) {
    WitnessDecision decision;
    decision.status = status;
    decision.why = std::move(why);
    return decision;
}

WitnessDecision conflict(const Checkpoint& newest, const std::string& why) {
    WitnessDecision decision = refuse(WitnessStatus::conflict, why);
    decision.size = newest.size;
    return decision;
}

}  // namespace

std::string format_add_checkpoint(const AddCheckpoint& request) {
    return "old " + std::to_string(request.old_size) + "\n" + format_hashes(request.proof) + "\n" +
           request.note;
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
    if (body.size() > kAddCheckpointBytesMax) {
        return malformed("expected a request of at most " + std::to_string(kAddCheckpointBytesMax) +
                         " bytes");
    }
    AddCheckpoint request;
    const auto old_size = take_field("old ", body);
    const auto size = old_size ? size_in(*old_size) : std::nullopt;
    if (!size) {
        return malformed("expected `old <size>` on line 1");
    }
    request.old_size = *size;
    while (!body.starts_with('\n')) {
        const auto line = take_field("", body);
        const auto hash = line ? hash_in(*line) : std::nullopt;
        if (!hash || request.proof.size() == kAddCheckpointHashesMax) {
            return malformed("expected at most " + std::to_string(kAddCheckpointHashesMax) +
                             " hashes in base64, one a line, then an empty line and a note");
        }
        request.proof.push_back(*hash);
    }
    request.note = body.substr(1);
    return request;
}

WitnessDecision WitnessedLogs::decide(const AddCheckpoint& request) const {
    const Result<Checkpoint> stated = stated_checkpoint(request.note);
    if (!stated.ok()) {
        return refuse(WitnessStatus::malformed, stated.error().message);
    }
    const Checkpoint& checkpoint = stated.value();
    const auto is_of_log = [&checkpoint](const VerifierKey& key) {
        return key.name() == checkpoint.origin;
    };
    if (std::none_of(keys_.begin(), keys_.end(), is_of_log)) {
        return refuse(WitnessStatus::unknown_log, "no key of this log is known here");
    }
    const bool is_signed = std::any_of(keys_.begin(), keys_.end(), [&](const VerifierKey& key) {
        return is_of_log(key) &&
               std::holds_alternative<Checkpoint>(open_checkpoint(request.note, key).state);
    });
    if (!is_signed) {
        return refuse(WitnessStatus::not_signed, "expected a valid signature of the log's key");
    }
    return decide(request, checkpoint);
}

WitnessDecision WitnessedLogs::decide(const AddCheckpoint& request,
                                      const Checkpoint& checkpoint) const {
    if (request.old_size > checkpoint.size) {
        return refuse(WitnessStatus::malformed, "expected an old size of at most the checkpoint's");
    }
    const auto found = newest_.find(checkpoint.origin);
    const Checkpoint newest =
        found == newest_.end() ? Checkpoint{checkpoint.origin, 0, empty_root()} : found->second;
    if (request.old_size != newest.size) {
        return conflict(newest, "another size was cosigned last");
    }
    if (checkpoint.size == newest.size && checkpoint.root != newest.root) {
        return conflict(newest, "another root of this size was cosigned");
    }
    if (!verify_consistency({newest.size, newest.root, checkpoint.size, checkpoint.root},
                            request.proof)) {
        return refuse(WitnessStatus::bad_proof, "the proof does not lead to this checkpoint");
    }
    WitnessDecision decision;
    decision.status = WitnessStatus::cosigned;
    decision.checkpoint = checkpoint;
    return decision;
}

void WitnessedLogs::remember(const Checkpoint& checkpoint) {
    newest_[checkpoint.origin] = checkpoint;
}

std::string WitnessedLogs::state() const {
    std::string text(kWitnessTitle);
    for (const auto& [origin, checkpoint] : newest_) {
        text += "log " + origin + "\nsize " + std::to_string(checkpoint.size) + "\nroot " +
                to_base64(checkpoint.root) + "\n";
    }
    return with_checksum(std::move(text));
}

std::optional<Error> WitnessedLogs::restore(std::string_view state) {
    std::string_view rest = state.substr(std::min(state.size(), kWitnessTitle.size()));
    WitnessedLogs restored({});
    while (const auto origin = take_field("log ", rest)) {
        const auto size_text = take_field("size ", rest);
        const auto root_text = take_field("root ", rest);
        const auto size = size_text ? size_in(*size_text) : std::nullopt;
        const auto root = root_text ? hash_in(*root_text) : std::nullopt;
        if (!size || !root) {
            break;
        }
        restored.remember({std::string(*origin), *size, *root});
    }
    // Written again, the text must be the same: that covers the checksum and the order.
    if (restored.state() != state) {
        return malformed("expected a witness's state with a valid checksum, got another text");
    }
    newest_ = std::move(restored.newest_);
    return std::nullopt;
}

}  // namespace dcm::audit
