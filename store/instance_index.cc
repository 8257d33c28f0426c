#include "store/instance_index.h"

#include "store/projection.h"

namespace dcm::store {
namespace {

constexpr const char* kSelectMessage =
    "SELECT CAST(substr(subject, 5) AS INTEGER) FROM audit_log "
    "WHERE seq = ? AND kind = 'quarantine.retried'";

}  // namespace

InstanceIndex::InstanceIndex(soci::session& session, DigestOptions options)
    : session_(session),
      index_(session, kInstanceIndex, options),
      log_size_(read_projection_state(session).log_size),
      select_instance_(session, select_instances("WHERE instance_no = ?").c_str()),
      select_message_(session, kSelectMessage) {}

std::optional<StoredInstance> InstanceIndex::find(const billing::InstanceKey& key) {
    for (const std::int64_t seq :
         index_.candidates(index_.digest_of({key.service_type, key.instance}))) {
        if (auto found = find_by_number(seq, key)) {
            return found;
        }
        // An instance has the number of a message, and this may be the record of a later verdict.
        const auto message = message_retried_by(seq);
        if (auto found = message ? find_by_number(*message, key) : std::nullopt) {
            return found;
        }
    }
    return std::nullopt;
}

std::optional<StoredInstance> InstanceIndex::find_by_number(std::int64_t number,
                                                            const billing::InstanceKey& key) {
    std::optional<StoredInstance> found;
    select_instance_.bind(number);
    while (select_instance_.fetch()) {
        read_instance(select_instance_, found.emplace());
    }
    return found && found->key == key ? std::move(found) : std::nullopt;
}

std::optional<std::int64_t> InstanceIndex::message_retried_by(std::int64_t seq) {
    std::optional<std::int64_t> message;
    select_message_.bind(seq);
    while (select_message_.fetch()) {
        message = select_message_.number(0);
    }
    return message;
}

void InstanceIndex::add(const billing::InstanceKey& key, std::int64_t verdict_seq) {
    index_.add({index_.digest_of({key.service_type, key.instance}), verdict_seq});
}

void InstanceIndex::follow(std::int64_t log_size) {
    index_.lay_down(log_size);
    log_size_ = log_size;
}

bool InstanceIndex::is_current() {
    return read_projection_state(session_).log_size == log_size_ && index_.is_current();
}

}  // namespace dcm::store
