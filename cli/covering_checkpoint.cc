#include "cli/covering_checkpoint.h"

#include "cli/own_records.h"
#include "cli/stop_signal.h"
#include "store/log_reader.h"

#include <chrono>
#include <optional>
#include <thread>

namespace dcm::cli {
namespace {

constexpr int kLooksMax = 200;
constexpr std::chrono::milliseconds kBetweenLooks{50};

std::optional<std::string> newest_note(store::Database& database, std::int64_t records) {
    const store::LogReader snapshot(database);
    const auto newest = snapshot.newest_checkpoint();
    return newest && newest->size >= records ? std::optional(newest->note) : std::nullopt;
}

}  // namespace

std::string covering_checkpoint(Shell& shell, store::Database& database, std::int64_t records) {
    for (int look = 0; look < kLooksMax && !stop_requested(); ++look) {
        {
            OwnRecords own(shell, database);
            if (const auto note = newest_note(database, records)) {
                return *note;
            }
            if (own.is_alone()) {
                own.sign();
                if (const auto note = newest_note(database, records)) {
                    return *note;
                }
                break;
            }
        }
        std::this_thread::sleep_for(kBetweenLooks);
    }
    throw Failure(ErrorKind::environment,
                  "expected a signed checkpoint of at least " + std::to_string(records) +
                      " records, found none");
}

}  // namespace dcm::cli
