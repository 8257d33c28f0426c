#include "store/instance_messages.h"

#include "store/instance_index.h"
#include "store/projection.h"
#include "store/statement.h"
#include "store/timeline_table.h"

#include <map>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kReadingMessages = "read the messages of an instance";

// The seqs of its accepted events: those the projection holds, and those after it.
std::vector<std::int64_t> accepted_seqs(const LogReader& snapshot,
                                        const billing::InstanceKey& key) {
    soci::session& session = snapshot.database().session();
    std::vector<std::int64_t> seqs;
    if (const auto stored = InstanceIndex(session).find(key)) {
        for (const RecordedEvent& event : TimelineTable(session).events(*stored)) {
            seqs.push_back(event.order.log_seq);
        }
    }
    const std::int64_t projected = read_projection_state(session).log_size;
    visit_accepted_events(session, {projected, snapshot.head().size}, [&](RecordedEvent&& event) {
        if (event.key == key) {
            seqs.push_back(event.order.log_seq);
        }
    });
    return seqs;
}

}  // namespace

std::vector<RecordedMessage> messages_about(const LogReader& snapshot,
                                            const billing::InstanceKey& key) {
    return guarded(kReadingMessages, [&] {
        RecordedMessages messages(snapshot.database().session());
        std::map<std::int64_t, RecordedMessage> found;
        for (const std::int64_t seq : accepted_seqs(snapshot, key)) {
            if (auto message = messages.find(seq)) {
                found.emplace(seq, std::move(*message));
            }
        }
        messages.each_not_accepted_first(
            key.service_type + "/" + key.instance,
            [&found](const RecordedMessage& message) { found.emplace(message.seq, message); });
        std::vector<RecordedMessage> all;
        all.reserve(found.size());
        for (auto& [seq, message] : found) {
            all.push_back(std::move(message));
        }
        return all;
    });
}

}  // namespace dcm::store
