#include "cli/book.h"
#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "consumer/check_line.h"
#include "consumer/decode.h"
#include "consumer/file_source.h"

#include <memory>
#include <string>
#include <variant>

namespace dcm::cli {
namespace {

// Lines decided and printed at a time.
constexpr std::size_t kBatch = 1'000;
// How long a slow standard input is waited for before what came is printed.
constexpr std::chrono::milliseconds kWait{100};

int check_events(Shell& shell, const std::string& file) {
    const Config& config = shell.config();
    const Book book = load_book(config.rules);
    const consumer::DecodeLimits limits = decode_limits(config.ingest);
    consumer::FileSource source({file}, shell.clock());
    bool any_rejected = false;
    while (!source.drained()) {
        std::string output;
        for (const Message& message : source.pull(kBatch, kWait)) {
            const billing::Decision decision =
                consumer::decode(message, book.rules.lifecycle, limits);
            any_rejected |= std::holds_alternative<billing::Rejection>(decision);
            output += consumer::check_line(consumer::FileSource::line_of(message), decision) + '\n';
        }
        print(output);
    }
    return any_rejected ? kExitNegative : kExitDone;
}

}  // namespace

void add_events_command(CLI::App& app, Shell& shell) {
    CLI::App* const events = app.add_subcommand("events", "Messages of publishers");
    events->require_subcommand(1);
    events->footer("Example: dcm-billing events check events.jsonl");

    const auto file = std::make_shared<std::string>();
    CLI::App* const check = events->add_subcommand(
        "check", "Decide each message of a JSON Lines file, without a database");
    check->add_option("file", *file, "JSON Lines file; - is standard input")
        ->type_name("FILE")
        ->required();
    shell.add_formats(*check, {"jsonl"});
    check->footer("Example: dcm-billing events check events.jsonl");
    check->callback(
        [&shell, file] { shell.choose([&shell, file] { return check_events(shell, *file); }); });
}

}  // namespace dcm::cli
