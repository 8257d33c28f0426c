// A record that reads from JSON is written and read again as the same one, alone and as sqlite3
// prints it; nothing else is made of any text.

#include "audit/record_json.h"
#include "tests/fuzz/fuzz.h"

#include <string>

namespace dcm::fuzz {

void examine(std::string_view bytes) {
    const auto record = audit::parse_record_json(bytes);
    if (!record.ok()) {
        DCM_CHECK(!record.error().message.empty());
        return;
    }
    const std::string json = audit::record_json(record.value());
    const auto again = audit::parse_record_json(json);
    DCM_CHECK(again.ok() && again.value() == record.value());
    const auto in_list = audit::parse_record_json("[" + json + "]\n");
    DCM_CHECK(in_list.ok() && in_list.value() == record.value());
    DCM_CHECK(!audit::unhashable_column(record.value()));
}

}  // namespace dcm::fuzz
