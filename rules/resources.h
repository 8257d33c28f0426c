#pragma once

#include "base/instant.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

inline constexpr std::string_view kUnassignedTenant = "unassigned";

using Labels = std::map<std::string, std::string, std::less<>>;

// What events do not carry: who owns an instance and how it is labelled, with validity in time.
struct Resource {
    std::string service_type;
    std::string instance;
    std::string tenant;
    Labels labels;
    std::optional<Instant> valid_from;
    std::optional<Instant> valid_to;
};

// What holds for an instance during a stretch of time.
struct Ownership {
    Period during;
    std::string tenant;  // kUnassignedTenant when no entry says otherwise
    Labels labels;
};

// All resource files of a book. In each file the first entry that matches an instant wins; a later
// file fills in what earlier files leave unsaid (tenant, single labels).
class ResourceTable {
public:
    // One file's entries, in file order.
    void add_file(std::vector<Resource> entries);

    // The stretches of `during`, in order and without gaps, each with its owner. One stretch with
    // the unassigned tenant when nothing is known.
    [[nodiscard]] std::vector<Ownership> ownership(std::string_view service_type,
                                                   std::string_view instance,
                                                   Period during) const;

private:
    using Key = std::pair<std::string, std::string>;
    std::vector<std::map<Key, std::vector<Resource>>> files_;
};

}  // namespace dcm::rules
