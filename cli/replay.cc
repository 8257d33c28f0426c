#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "cli/progress.h"
#include "cli/stop_signal.h"
#include "consumer/file_source.h"

#include <memory>
#include <vector>

namespace dcm::cli {
namespace {

int replay(Shell& shell, const std::vector<std::string>& files) {
    take_stop_signals();
    consumer::FileSource source(files, shell.clock());
    IngestSession session(shell);
    consumer::LoopOptions loop;
    loop.until = consumer::Until::drained;
    // A person waits: what cannot be read or written now is told at once. Replaying again is safe.
    loop.patience = std::chrono::milliseconds{0};
    store::IngestCounts counts;
    {
        Progress progress("replay", shell.clock(), Progress::Unit::bytes);
        IngestSession::RunTold told;
        told.on_commit = [&progress, &source](const store::IngestCounts& /*added*/) {
            progress.show({source.bytes_read(), source.bytes_total()});
        };
        counts = session.run(source, loop, told);
    }
    print(summary_line(counts));
    return kExitDone;
}

}  // namespace

void add_replay_command(CLI::App& app, Shell& shell) {
    const auto files = std::make_shared<std::vector<std::string>>();
    CLI::App* const command =
        app.add_subcommand("replay", "Read JSON Lines files through the same pipeline");
    command->add_option("files", *files, "JSON Lines files; - is standard input")
        ->type_name("FILE")
        ->required();
    shell.add_formats(*command, object_formats());
    command->footer("Example: dcm-billing replay events.jsonl --database sqlite://billing.db");
    command->callback(
        [&shell, files] { shell.choose([&shell, files] { return replay(shell, *files); }); });
}

}  // namespace dcm::cli
