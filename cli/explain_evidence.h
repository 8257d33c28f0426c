#pragma once

#include "billing/explanation.h"
#include "billing/render_explanation.h"
#include "rules/lifecycle.h"
#include "store/log_reader.h"

#include <optional>
#include <vector>

namespace dcm::cli {

// Every message about the instance, for the Explainer.
[[nodiscard]] std::vector<billing::ToldEvent> told_events(const store::LogReader& snapshot,
                                                          const billing::InstanceKey& key,
                                                          const rules::Lifecycle& lifecycle);

// Inclusion proofs of the events' records against the newest checkpoint; nullopt when there is
// none. Each proof is verified against the checkpoint's root first: Failure (malformed) when one
// does not hold. Whether the signature is the key's is `audit verify`'s to say.
[[nodiscard]] std::optional<billing::Evidence> prove_events(
    const store::LogReader& snapshot, const std::vector<billing::ToldEvent>& events);

}  // namespace dcm::cli
