#pragma once

#include "audit/note.h"
#include "store/log_reader.h"

#include <string>

namespace dcm::support {

// A key such as a log has: named by it, of the deployment `test`.
[[nodiscard]] inline audit::SigningKey log_key(store::Database& database) {
    const std::string log_id = store::LogReader(database).log_id();
    return audit::SigningKey::from_seed(audit::format_origin({"test", log_id}),
                                        std::string(32, 'k'));
}

}  // namespace dcm::support
