#pragma once

#include "cli/filters.h"
#include "cli/shell.h"
#include "store/quarantine.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {

// What the three commands on rejected messages share.

// The service type and instance a record's subject names; empty where it names none.
struct NamedInstance {
    std::string service_type;
    std::string instance;
};
[[nodiscard]] NamedInstance named_instance(std::string_view subject);

// Throws Failure (usage) when it is no reason code.
void require_reason(const std::string& reason);

// The message, which was rejected when it came; else Failure (usage) that says what is there.
[[nodiscard]] store::RecordedMessage require_quarantined(store::Quarantine& quarantine,
                                                         std::int64_t seq);

void add_quarantine_show(CLI::App& quarantine, Shell& shell);
void add_quarantine_retry(CLI::App& quarantine, Shell& shell);

}  // namespace dcm::cli
