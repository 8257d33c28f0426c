#include "anchors/witness.h"

#include "anchors/file_io.h"
#include "anchors/key_file.h"

#include <utility>

namespace dcm::anchors {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kSizeType = "text/x.tlog.size";
constexpr int kFailed = 500;

WitnessReply reply(audit::WitnessStatus status, const std::string& why) {
    return {static_cast<int>(status), std::string(kText), why + "\n"};
}

}  // namespace

Witness::Witness(const WitnessSetup& setup, const Clock& clock)
    : key_(load_or_create_key(setup.key, setup.name)),
      state_(setup.state),
      logs_(setup.logs),
      clock_(clock) {
    if (const auto text = read_file(state_)) {
        if (const std::optional<Error> error = logs_.restore(*text)) {
            throw Failure(ErrorKind::malformed, error->message + ", in " + state_.string());
        }
    }
}

WitnessReply Witness::add_checkpoint(std::string_view body) {
    const Result<audit::AddCheckpoint> request = audit::parse_add_checkpoint(body);
    if (!request.ok()) {
        return reply(audit::WitnessStatus::malformed, request.error().message);
    }
    const audit::WitnessDecision decision = logs_.decide(request.value());
    if (decision.status == audit::WitnessStatus::cosigned) {
        return cosign(decision.checkpoint);
    }
    if (decision.status == audit::WitnessStatus::conflict) {
        return {static_cast<int>(decision.status),
                std::string(kSizeType),
                std::to_string(decision.size) + "\n"};
    }
    return reply(decision.status, decision.why);
}

WitnessReply Witness::cosign(const audit::Checkpoint& checkpoint) {
    audit::WitnessedLogs next = logs_;
    next.remember(checkpoint);
    try {
        replace_file(state_, next.state());
    } catch (const Failure& failure) {
        return {kFailed, std::string(kText), std::string(failure.what()) + "\n"};
    }
    logs_ = std::move(next);
    const audit::CosignedAt now{clock_.now().micros / kMicrosPerSecond};
    return {static_cast<int>(audit::WitnessStatus::cosigned),
            std::string(kText),
            audit::cosign_checkpoint(checkpoint, now, key_)};
}

}  // namespace dcm::anchors
