#include "store/shared_snapshot.h"

#include "base/check.h"
#include "migrations/session.h"
#include "store/log_reader.h"
#include "store/statement.h"

#include <algorithm>
#include <system_error>
#include <thread>

namespace dcm::store {
namespace {

constexpr const char* kCachePragma = "PRAGMA cache_size = -8192";
// Beginning takes a fraction of a millisecond, a commit some milliseconds.
constexpr int kAttemptsMax = 1'000;
constexpr unsigned kUsualWorkersMax = 8;

// Another number after another connection has committed anything.
std::int64_t data_version(Database& database) {
    return guarded(kReadingLog, [&database] {
        std::int64_t version = 0;
        database.session() << "PRAGMA data_version", soci::into(version);
        return version;
    });
}

}  // namespace

std::size_t usual_workers() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, kUsualWorkersMax);
}

SharedSnapshot::SharedSnapshot(const DatabaseUrl& url, std::size_t workers)
    : workers_(workers), path_(url.path) {
    DCM_CHECK(workers > 0);
    if (is_read_as_immutable(url)) {
        std::error_code ignored;
        written_at_ = std::filesystem::last_write_time(path_, ignored);
    }
    const std::size_t readers = workers == 1 ? 1 : workers + 2;
    for (std::size_t i = 0; i <= readers; ++i) {
        databases_.push_back(Database::open_for_audit(url));
        migrations::run_script(databases_.back().session(), kCachePragma, kReadingLog);
    }
    if (!databases_.back().has_schema()) {
        return;
    }
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        if (begin()) {
            return;
        }
    }
    throw Failure(ErrorKind::environment,
                  "expected a moment without a commit to begin reading with " +
                      std::to_string(readers) + " connections, got none in " +
                      std::to_string(kAttemptsMax) + " attempts");
}

void SharedSnapshot::require_unchanged() const {
    std::error_code ignored;
    if (written_at_ && std::filesystem::last_write_time(path_, ignored) != *written_at_) {
        throw Failure(ErrorKind::environment,
                      "expected that nobody writes to " + path_.string() +
                          ", beside which this process can make no file, but somebody did; read it "
                          "again");
    }
}

bool SharedSnapshot::begin() {
    readers_.clear();
    const std::int64_t version = data_version(databases_.back());
    for (std::size_t i = 0; i + 1 < databases_.size(); ++i) {
        readers_.push_back(std::make_unique<LogReader>(databases_[i]));
    }
    return data_version(databases_.back()) == version;
}

}  // namespace dcm::store
