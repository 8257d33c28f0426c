#pragma once

#include "audit/note.h"
#include "audit/witness.h"
#include "base/clock.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::anchors {

struct WitnessSetup {
    std::filesystem::path key;  // made under `name` where there is none
    std::string name;
    std::filesystem::path state;
    std::vector<audit::VerifierKey> logs;
};

struct WitnessReply {
    int status = 0;
    std::string content_type;
    std::string body;
};

// A witness: its key, and what it cosigned last. One thread uses it.
class Witness {
public:
    // Throws Failure: malformed for a key or state that is none, environment when they cannot be
    // read.
    Witness(const WitnessSetup& setup, const Clock& clock);

    [[nodiscard]] audit::VerifierKey key() const { return key_.cosigner(); }
    // Answers `add-checkpoint`. What it cosigns is durable before it says so; where that fails it
    // cosigns nothing and answers 500.
    [[nodiscard]] WitnessReply add_checkpoint(std::string_view body);

private:
    [[nodiscard]] WitnessReply cosign(const audit::Checkpoint& checkpoint);

    audit::SigningKey key_;
    std::filesystem::path state_;
    audit::WitnessedLogs logs_;
    const Clock& clock_;
};

}  // namespace dcm::anchors
