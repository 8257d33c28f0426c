#include "store/tzdata_version.h"

#include "base/zone.h"

#include <fstream>
#include <string_view>

namespace dcm::store {
namespace {

// Its first line is `# version 2025b`.
constexpr const char* kSystemDatabase = "/usr/share/zoneinfo/tzdata.zi";
constexpr std::string_view kBeforeVersion = "# version ";

}  // namespace

std::string tzdata_version() {
    std::ifstream file(kSystemDatabase);
    std::string line;
    std::getline(file, line);
    return line.starts_with(kBeforeVersion) ? line.substr(kBeforeVersion.size())
                                            : zone_database_version();
}

}  // namespace dcm::store
