#include "focus/service.h"

#include <algorithm>
#include <array>

namespace dcm::focus {
namespace {

struct KnownService {
    std::string_view service_type;
    ServiceClass placed;
};

// A status event says no more than the service type: not whether storage is block or object, nor
// whether a database is relational.
constexpr std::array kKnownServices{
    KnownService{"cluster", {"Compute", "Containers"}},
    KnownService{"container", {"Compute", "Containers"}},
    KnownService{"cost", {"Management and Governance", "Cost Management"}},
    KnownService{"database", {"Databases", "Other (Databases)"}},
    KnownService{"network", {"Networking", "Network Infrastructure"}},
    KnownService{"storage", {"Storage", "Other (Storage)"}},
    KnownService{"vm", {"Compute", "Virtual Machines"}},
};
constexpr ServiceClass kOther{"Other", "Other (Other)"};

}  // namespace

ServiceClass class_of_service(std::string_view service_type) {
    const auto* const known =
        std::find_if(kKnownServices.begin(), kKnownServices.end(), [service_type](const auto& s) {
            return s.service_type == service_type;
        });
    return known == kKnownServices.end() ? kOther : known->placed;
}

}  // namespace dcm::focus
