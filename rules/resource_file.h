#pragma once

#include "base/zone.h"
#include "rules/problems.h"
#include "rules/resources.h"

#include <vector>

namespace dcm::rules {

// Of a resource file that is CSV; one that is YAML has the limits of a book.
inline constexpr std::size_t kCsvBytesMax = 16'777'216;
inline constexpr std::size_t kCsvColumnsMax = 256;
inline constexpr std::size_t kCsvEntriesMax = 500'000;

// Reads the entries of a resource file, by its name CSV (`.csv`) or YAML (`.yaml`, `.yml`,
// `.json`). A date in it is midnight in the zone. What is wrong is told.
[[nodiscard]] std::vector<Resource> read_resource_file(const BookFile& file,
                                                       const Zone& zone,
                                                       Problems& problems);

}  // namespace dcm::rules
