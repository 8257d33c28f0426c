#pragma once

#include "audit/record.h"
#include "base/message.h"
#include "billing/event.h"
#include "store/salt_source.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// A message with what rules 1–6 decided about it.
struct DecidedMessage {
    Message message;
    billing::Decision decision;
};

// What lies beside a record of a message, but for the payload, which is the message's.
struct PayloadRow {
    std::string salt;  // kSaltBytes, from a cryptographic random generator
    std::string subject;
    std::optional<std::string> headers;
};

// The record of a message, with everything that needs no database; seq, recorded_at, actor and the
// verdict are the log's.
struct DraftedMessage {
    DecidedMessage decided;
    audit::Record record;
    PayloadRow beside;
};

// Composes records and their commitments before the log is locked. One thread at a time.
class Drafter {
public:
    // Fetches the salts of so many drafts, which then cannot fail. Throws Failure (environment)
    // when the random generator gives none.
    void reserve(std::size_t count) { salts_.reserve(count); }
    // Throws like reserve() where that was not called for as many.
    [[nodiscard]] std::vector<DraftedMessage> draft(std::vector<DecidedMessage> batch);

private:
    SaltSource salts_;
};

}  // namespace dcm::store
