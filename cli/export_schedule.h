#pragma once

#include "cli/first_reading.h"
#include "cli/shell.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace dcm::cli {

// Runs exports whose time has come, in a thread of its own with a connection of its own, while it
// lives: none before the first reading is over. What fails is told in the log and tried again
// later; it stops nothing else.
class ExportSchedule {
public:
    // The configuration is resolved and the database exists. Both outlive this.
    ExportSchedule(Shell& shell, const FirstReading& reading);
    ExportSchedule(const ExportSchedule&) = delete;
    ExportSchedule& operator=(const ExportSchedule&) = delete;
    // Waits for the export at hand; a stop signal cuts it short.
    ~ExportSchedule();

private:
    void run();
    // Until the first reading is over; whether to go on.
    [[nodiscard]] bool wait_for_reading();
    // Runs what is due; when to look again.
    [[nodiscard]] Instant look();
    // Until then, or until the clock was set back; whether to go on.
    [[nodiscard]] bool wait_until(Instant next);

    Shell& shell_;
    const FirstReading& reading_;
    std::string trouble_;  // what kept the latest look from its end
    std::mutex mutex_;
    std::condition_variable woken_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace dcm::cli
