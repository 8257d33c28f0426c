#include "store/log_append.h"

#include "store/statement.h"

#include <utility>

namespace dcm::store {
namespace {

soci::session& waiting_long(Database& database, const std::string& doing) {
    migrations::run_script(database.session(), kWaitLong, doing);
    return database.session();
}

}  // namespace

LogAppend::LogAppend(Database& database, const audit::SigningKey& key, const Clock& clock, Act act)
    : session_(waiting_long(database, act.doing)),
      clock_(clock),
      act_(std::move(act)),
      transaction_(session_, act_.doing) {
    guarded(act_.doing, [&] { log_.emplace(session_, key); });
}

LogAppend::~LogAppend() = default;

void LogAppend::record(audit::Record& record) {
    record.actor = act_.actor;
    record.recorded_at = log_->record_time(clock_.now().micros);
    guarded(act_.doing, [&] { log_->append(record); });
}

void LogAppend::commit() {
    guarded(act_.doing, [this] { log_->write_head(); });
    transaction_.commit();
}

}  // namespace dcm::store
