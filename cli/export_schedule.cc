#include "cli/export_schedule.h"

#include "anchors/start_check.h"
#include "cli/export_run.h"
#include "cli/service_actor.h"
#include "cli/stop_signal.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>

namespace dcm::cli {
namespace {

// A stop and a clock that was set are noticed within this time.
constexpr std::chrono::milliseconds kBetweenGlances{1'000};
// Each look reads the rule book, for its zone. What other processes did to the state of an export
// is noticed within this time.
constexpr Duration kBetweenLooksAtPlans{60 * kMicrosPerSecond};

void run_one(ExportRunner& runner, const exports::ExportPlan& plan) {
    try {
        for (const ExportedResult& result :
             runner.run_due(plan).value_or(ExportRunner::Results{})) {
            if (result.published) {
                spdlog::info("export {} {}: {} rows{}",
                             plan.name,
                             result.period,
                             result.published->manifest.rows(),
                             result.published->is_new ? "" : ", unchanged");
            } else {
                spdlog::warn("export {}{}{}: {}",
                             plan.name,
                             result.period.empty() ? "" : " ",
                             result.period,
                             result.trouble);
            }
        }
    } catch (const anchors::NotAsSigned&) {
        throw;  // so of every export, and told once
    } catch (const std::exception& failure) {
        spdlog::warn("export {}: {}", plan.name, failure.what());
    }
}

// The earliest moment that a schedule asks for something, after what is due has been run. A runner
// for each look: rule book and connection are those of the moment.
std::optional<Instant> run_due(Shell& shell) {
    ExportRunner runner(shell, {service_actor(), /*shows_progress=*/false});
    std::optional<Instant> next;
    for (const exports::ExportPlan& plan : shell.config().exports) {
        if (!stop_requested()) {
            run_one(runner, plan);
        }
        const auto of_plan = runner.next_run(plan);
        next = next && of_plan ? std::min(next, of_plan) : (next ? next : of_plan);
    }
    return next;
}

}  // namespace

ExportSchedule::ExportSchedule(Shell& shell, const FirstReading& reading)
    : shell_(shell), reading_(reading), thread_([this] { run(); }) {}

ExportSchedule::~ExportSchedule() {
    {
        const std::lock_guard guard(mutex_);
        is_over_ = true;
    }
    woken_.notify_all();
    thread_.join();
}

void ExportSchedule::run() {
    bool more = wait_for_reading();
    while (more) {
        more = wait_until(look());
    }
}

bool ExportSchedule::wait_for_reading() {
    using State = FirstReading::State;
    State state = State::going_on;
    std::unique_lock guard(mutex_);
    do {
        state = reading_.state(std::chrono::steady_clock::now());
    } while (state == State::going_on && !stop_requested() &&
             !woken_.wait_for(guard, kBetweenGlances, [this] { return is_over_; }));
    if (state == State::given_up) {
        spdlog::warn(
            "exports run without what waits in the stream: nothing was read for {} minutes",
            FirstReading::kPatience.count());
    }
    return state != State::going_on;
}

Instant ExportSchedule::look() {
    std::string found;
    std::optional<Instant> next;
    try {
        next = run_due(shell_);
    } catch (const std::exception& failure) {
        found = failure.what();
    }
    if (!found.empty() && found != trouble_) {
        spdlog::warn("exports: {}", found);
    }
    trouble_ = found;
    const Instant latest = shell_.clock().now() + kBetweenLooksAtPlans;
    return next ? std::min(*next, latest) : latest;
}

bool ExportSchedule::wait_until(Instant next) {
    std::unique_lock guard(mutex_);
    const Instant asked = shell_.clock().now();
    Instant now = asked;
    // At least once: what is due may be another process's at this moment.
    do {
        woken_.wait_for(guard, kBetweenGlances, [this] { return is_over_; });
        now = shell_.clock().now();
    } while (asked <= now && now < next && !is_over_ && !stop_requested());
    return !is_over_ && !stop_requested();
}

}  // namespace dcm::cli
