#include "store/backup.h"

#include "anchors/file_io.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/stop_signal.h"

#include <filesystem>
#include <memory>
#include <utility>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(const fs::path& file, const std::string& suffix) {
    return file.string() + suffix;
}

void refuse_existing(const fs::path& file) {
    std::error_code missing;
    if (fs::exists(fs::symlink_status(file, missing))) {
        throw Failure(ErrorKind::environment,
                      "expected to make " + file.string() +
                          ", but it is there already: choose another name or remove it");
    }
}

// A file that is removed again unless it is kept: what was interrupted leaves nothing behind.
class NewFile {
public:
    NewFile(fs::path path, std::string_view content) : path_(std::move(path)) {
        anchors::create_secret_file(path_, content);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (!kept_) {
            std::error_code left;  // then it stays, and says by its name what it is
            fs::remove(path_, left);
        }
    }

    void keep() { kept_ = true; }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
    bool kept_ = false;
};

void copy(Shell& shell, const store::LogReader& snapshot, const fs::path& target) {
    Progress progress("backup", shell.clock(), Progress::Unit::bytes);
    const bool complete =
        store::copy_database(snapshot, target, [&progress](std::int64_t done, std::int64_t total) {
            progress.show({done, total});
            return !stop_requested();
        });
    if (!complete) {
        throw Failure(ErrorKind::environment, "backup: stopped before it was complete");
    }
}

int backup(Shell& shell, const fs::path& file) {
    take_stop_signals();
    const fs::path checkpoint_file = with_suffix(file, ".checkpoint");
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    refuse_existing(file);
    refuse_existing(checkpoint_file);
    NewFile partial(with_suffix(file, ".partial"), "");
    copy(shell, snapshot, partial.path());

    std::string told = std::to_string(snapshot.head().size) + " records in " + file.string();
    std::unique_ptr<NewFile> checkpoint;
    if (const auto newest = snapshot.newest_checkpoint()) {
        // Before the copy has its name: a copy is never there without its checkpoint.
        checkpoint = std::make_unique<NewFile>(checkpoint_file, newest->note);
        told +=
            ", checkpoint of " + std::to_string(newest->size) + " in " + checkpoint_file.string();
    } else {
        told += ", no checkpoint: nothing was signed yet";
    }
    anchors::move_into_place(partial.path(), {file});
    partial.keep();
    if (checkpoint) {
        checkpoint->keep();
    }
    print(told + '\n');
    return kExitDone;
}

}  // namespace

void add_backup_command(CLI::App& app, Shell& shell) {
    const auto file = std::make_shared<std::string>();
    CLI::App* const command = app.add_subcommand(
        "backup", "Copy the database, with its checkpoint, while a consumer goes on writing");
    command->add_option("file", *file, "The copy; FILE.checkpoint is made beside it")
        ->type_name("FILE")
        ->required();
    command->footer("Example: dcm-billing backup /mnt/backup/billing-2026-05-31.db");
    command->callback(
        [&shell, file] { shell.choose([&shell, file] { return backup(shell, *file); }); });
}

}  // namespace dcm::cli
