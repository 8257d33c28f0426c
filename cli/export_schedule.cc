#include "cli/export_schedule.h"

#include "cli/export_run.h"
#include "cli/service_actor.h"
#include "cli/stop_signal.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>

namespace dcm::cli {
namespace {

// Schedules are in minutes.
constexpr std::chrono::milliseconds kBetweenLooks{1'000};

void run_one(ExportRunner& runner, const exports::ExportPlan& plan, Instant moment) {
    try {
        for (const ExportedResult& result : runner.run(plan, std::nullopt, moment)) {
            spdlog::info("export {} {}: {} rows{}",
                         plan.name,
                         result.period,
                         result.published.manifest.rows(),
                         result.published.is_new ? "" : ", unchanged");
        }
    } catch (const Failure& failure) {
        spdlog::warn("export {}: {}", plan.name, failure.what());
    }
}

// A runner for each look: rule book and connection are those of the moment.
void run_due(Shell& shell) {
    ExportRunner runner(shell, {service_actor(), /*shows_progress=*/false});
    for (const exports::ExportPlan& plan : shell.config().exports) {
        const auto moment = runner.due(plan);
        if (moment && !stop_requested()) {
            run_one(runner, plan, *moment);
        }
    }
}

}  // namespace

ExportSchedule::ExportSchedule(Shell& shell) : shell_(shell), thread_([this] { run(); }) {}

ExportSchedule::~ExportSchedule() {
    {
        const std::lock_guard guard(mutex_);
        is_over_ = true;
    }
    woken_.notify_all();
    thread_.join();
}

void ExportSchedule::run() {
    std::string trouble;
    do {
        std::string found;
        try {
            run_due(shell_);
        } catch (const std::exception& failure) {
            found = failure.what();
        }
        if (!found.empty() && found != trouble) {
            spdlog::warn("exports: {}", found);
        }
        trouble = found;
    } while (wait());
}

bool ExportSchedule::wait() {
    std::unique_lock guard(mutex_);
    woken_.wait_for(guard, kBetweenLooks, [this] { return is_over_; });
    return !is_over_ && !stop_requested();
}

}  // namespace dcm::cli
