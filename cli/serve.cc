#include "cli/commands.h"
#include "cli/consuming.h"
#include "cli/export_schedule.h"
#include "cli/first_reading.h"
#include "exports/plan.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace dcm::cli {
namespace {

bool has_schedule(const std::vector<exports::ExportPlan>& plans) {
    return std::any_of(
        plans.begin(), plans.end(), [](const auto& plan) { return !plan.schedule.empty(); });
}

int serve(Shell& shell, bool provision) {
    FirstReading reading;
    std::optional<ExportSchedule> schedule;
    ReadingTold told;
    told.on_start = [&] {
        if (has_schedule(shell.config().exports)) {
            schedule.emplace(shell, reading);
        }
    };
    told.first = &reading;
    return consume_stream(shell, {/*drain=*/false, provision}, told);
}

}  // namespace

void add_serve_command(CLI::App& app, Shell& shell) {
    const auto provision = std::make_shared<bool>(false);
    CLI::App* const command = app.add_subcommand(
        "serve", "The daemon: read the stream and run exports by their schedules, until stopped");
    command->add_flag(
        "--provision", *provision, "Create the stream where there is none; for demos and tests");
    command->footer("Example: dcm-billing serve --config /etc/dcm-billing/dcm-billing.yaml");
    command->callback([&shell, provision] {
        shell.choose([&shell, provision] { return serve(shell, *provision); });
    });
}

}  // namespace dcm::cli
