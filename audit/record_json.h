#pragma once

#include "audit/record.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace dcm::audit {

// The record as one JSON object on one line without a line feed (docs/formats/export.md): its
// fourteen columns by name and in their order, NULL as null. `members` are further ones, each
// `,"name":value`.
[[nodiscard]] std::string record_json(const Record& record, std::string_view members = {});

// Reads it back, whitespace and the order of members being free; also as the only element of an
// array, as `sqlite3 -json` prints a row of v_audit. The member `beside` is passed over. An Error
// for a missing, repeated or unknown member, a value of another type, and a text that cannot be
// hashed.
[[nodiscard]] Result<Record> parse_record_json(std::string_view text);

}  // namespace dcm::audit
