#pragma once

#include "audit/log_keys.h"
#include "base/clock.h"
#include "store/database.h"
#include "store/log_append.h"

#include <string>

namespace dcm::store {

// A name no log has: 16 hex digits.
[[nodiscard]] std::string fresh_log_id(Database& database);

// The keys that a change is about; both outlive the call.
struct ChangedKeys {
    const audit::SigningKey& old_key;
    const audit::SigningKey& new_key;
};

// Appends the record of the change, with its place in the log filled in, sealed by the new key: one
// transaction, in which a fork also gives the log the name of its new key. Throws Failure like
// LogAppend.
void append_key_change(Database& database,
                       const Clock& clock,
                       const LogAppend::Act& act,
                       const ChangedKeys& keys,
                       audit::KeyChange& change);

}  // namespace dcm::store
