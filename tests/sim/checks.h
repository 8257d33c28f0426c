#pragma once

#include "tests/sim/broker.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace dcm::sim {

// What is wrong, one line each.
using Problems = std::vector<std::string>;

// Every note that ever was in an anchor file, as a witness who forgets nothing.
class Witness {
public:
    void look(const std::filesystem::path& database);
    // Notes, one after the other.
    [[nodiscard]] std::string text() const;

private:
    std::set<std::string> notes_;
};

// The invariants that hold at any moment, whatever was lost: nothing looks tampered with or rolled
// back. The database may not exist yet.
[[nodiscard]] Problems check_at_rest(const std::filesystem::path& database, const Witness& witness);

// Those that hold after the last message and a clean stop: the log is verified with both anchors
// and the witness, holds each message once as it was delivered and no other, and the derived tables
// are those a rebuild makes.
[[nodiscard]] Problems check_drained(const std::filesystem::path& database,
                                     const Witness& witness,
                                     const Broker& broker);

// Instances and intervals without what the order of recording decides.
[[nodiscard]] std::vector<std::string> usage_of(const std::filesystem::path& database);

}  // namespace dcm::sim
