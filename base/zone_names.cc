#include "base/zone_names.h"

#include <date/tz.h>

#include <algorithm>
#include <iterator>

namespace dcm {

std::vector<std::string> zone_names() {
    const std::vector<date::time_zone>& zones = date::get_tzdb().zones;
    std::vector<std::string> names;
    names.reserve(zones.size());
    std::transform(zones.begin(), zones.end(), std::back_inserter(names), [](const auto& zone) {
        return zone.name();
    });
    return names;
}

}  // namespace dcm
