#include "store/key_change.h"

#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr const char* kFreshLogId = "SELECT lower(hex(randomblob(8)))";
constexpr const char* kUpdateLogId = "UPDATE log_identity SET log_id = :log_id WHERE id = 1";

}  // namespace

std::string fresh_log_id(Database& database) {
    return guarded("name a log", [&database] {
        std::string log_id;
        database.session() << kFreshLogId, soci::into(log_id);
        return log_id;
    });
}

void append_key_change(Database& database,
                       const Clock& clock,
                       const LogAppend::Act& act,
                       const ChangedKeys& keys,
                       audit::KeyChange& change) {
    guarded(act.doing, [&] {
        LogAppend append(database, keys.old_key, clock, act);
        change.seq = append.log_size();
        audit::Record record;
        audit::fill_key_change(change, record);
        append.record(record);
        if (change.kind == audit::KeyChange::Kind::forked) {
            const std::string& origin = change.new_key.name();
            const std::string log_id = origin.substr(origin.rfind('/') + 1);
            append.session() << kUpdateLogId, soci::use(log_id, "log_id");
        }
        append.hand_over(keys.new_key);
        append.commit();
    });
}

}  // namespace dcm::store
