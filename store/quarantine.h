#pragma once

#include "base/message.h"
#include "store/database.h"
#include "store/recorded_message.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace dcm::store {

// Reads messages that were rejected, with their latest verdicts, from one connection. Changes
// nothing.
class Quarantine {
public:
    // The database outlives this.
    explicit Quarantine(Database& database);

    // Every message whose latest verdict is `rejected`, in the order of recording.
    void each(const std::function<void(const RecordedMessage&)>& visit);
    // A message, whatever its verdict; nullopt when the record at this seq is none.
    [[nodiscard]] std::optional<RecordedMessage> find(std::int64_t seq);
    // As it was delivered; nullopt when it was erased.
    [[nodiscard]] std::optional<Message> message(const RecordedMessage& recorded);

private:
    Database& database_;
    RecordedMessages messages_;
};

}  // namespace dcm::store
