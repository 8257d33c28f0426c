#include "store/quarantine.h"

#include "billing/event.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kReadingQuarantine = "read the quarantine";

}  // namespace

Quarantine::Quarantine(Database& database) : database_(database), messages_(database.session()) {}

void Quarantine::each(const std::function<void(const RecordedMessage&)>& visit) {
    guarded(kReadingQuarantine, [&] {
        messages_.each_rejected_first([&visit](const RecordedMessage& message) {
            if (message.verdict == billing::verdict_name(billing::Verdict::rejected)) {
                visit(message);
            }
        });
    });
}

std::optional<RecordedMessage> Quarantine::find(std::int64_t seq) {
    return guarded(kReadingQuarantine, [&] { return messages_.find(seq); });
}

std::optional<Message> Quarantine::message(const RecordedMessage& recorded) {
    return guarded(kReadingQuarantine,
                   [&] { return read_kept_message(database_.session(), recorded); });
}

}  // namespace dcm::store
