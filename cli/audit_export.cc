#include "audit/note.h"
#include "audit/record.h"
#include "audit/record_json.h"
#include "audit/tile_files.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "billing/json_text.h"
#include "cli/audit_commands.h"
#include "cli/new_folder.h"
#include "cli/own_records.h"
#include "cli/progress.h"
#include "cli/stop_signal.h"
#include "store/log_reader.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dcm::cli {
namespace {

constexpr const char* kCheckpointFile = "checkpoint";
constexpr const char* kRecordsFile = "records.jsonl";
constexpr std::int64_t kExportProgressStep = 256;
constexpr std::size_t kPrintedAtOnceBytes = 65'536;

struct ExportOptions {
    std::string folder;
    bool payloads = false;
};

// What is exported: the tree of the newest checkpoint, which goes along.
struct SignedTree {
    audit::Checkpoint checkpoint;
    std::string note;
};

SignedTree newest_tree(const store::LogReader& snapshot) {
    const auto newest = snapshot.newest_checkpoint();
    if (!newest) {
        throw Failure(ErrorKind::environment,
                      "expected a signed checkpoint, found none: nothing was ingested yet");
    }
    return {value_or_throw(audit::stated_checkpoint(newest->note)), newest->note};
}

// Records that the checkpoint does not cover.
void tell_rest(const store::LogReader& snapshot, const SignedTree& tree) {
    const std::int64_t rest = snapshot.head().size - tree.checkpoint.size;
    if (rest > 0) {
        static_cast<void>(
            std::fprintf(stderr,
                         "dcm-billing: %lld records after the newest checkpoint are left out\n",
                         static_cast<long long>(rest)));
    }
}

int refuse_tree(const SignedTree& tree) {
    return refuse("export: the records do not give the root of the checkpoint of " +
                  std::to_string(tree.checkpoint.size) + " records; see audit verify");
}

// Passes over the records that the checkpoint covers.
class Passage {
public:
    Passage(Shell& shell, const SignedTree& tree)
        : progress_("export", shell.clock()), size_(tree.checkpoint.size) {}

    void step() {
        if (++done_ % kExportProgressStep == 0) {
            progress_.show({done_, size_});
            if (stop_requested()) {
                throw Failure(ErrorKind::environment, "export: stopped before it was complete");
            }
        }
    }

private:
    Progress progress_;
    std::int64_t size_;
    std::int64_t done_ = 0;
};

// Leaf data, or false for a row that nothing could have hashed: left out, it makes another tree.
bool encode_sound_leaf(const audit::Record& record, std::string& leaf) {
    audit::encode_leaf(record, leaf);
    return leaf.size() <= audit::kLeafBytesMax && !audit::unhashable_column(record);
}

std::string base64_or_null(const std::optional<std::string>& bytes) {
    return bytes ? billing::json_string(base64_encode(as_bytes(*bytes))) : "null";
}

// `,"beside":{…}`: what lies beside a record.
std::string beside_json(const store::StoredPayload& stored) {
    billing::JsonObject beside;
    beside.add_json("salt", base64_or_null(stored.salt));
    beside.add_json("payload", base64_or_null(stored.payload));
    beside.add_or_null("subject", stored.subject);
    beside.add_or_null("headers", stored.headers);
    return ",\"beside\":" + beside.text();
}

using Write = std::function<void(std::string_view)>;

// A line for each record; the tree that they give.
audit::Frontier write_lines(Shell& shell,
                            const store::LogReader& snapshot,
                            const SignedTree& tree,
                            bool with_payloads,
                            const Write& write) {
    Passage passage(shell, tree);
    audit::Frontier frontier;
    std::string leaf;
    const auto add = [&](const audit::Record& record, const std::string& members) {
        if (encode_sound_leaf(record, leaf)) {
            frontier.append(audit::leaf_hash(leaf));
            write(audit::record_json(record, members) + '\n');
        }
        passage.step();
    };
    if (with_payloads) {
        snapshot.each_record(
            0, tree.checkpoint.size, [&add](const auto& record, const auto& beside) {
                add(record, beside ? beside_json(*beside) : "");
            });
    } else {
        snapshot.each_leaf(
            0, tree.checkpoint.size, [&add](const auto& record) { add(record, ""); });
    }
    return frontier;
}

bool is_signed(const audit::Frontier& frontier, const SignedTree& tree) {
    return frontier.size() == tree.checkpoint.size && frontier.root() == tree.checkpoint.root;
}

int print_lines(Shell& shell,
                const store::LogReader& snapshot,
                const SignedTree& tree,
                const ExportOptions& options) {
    std::string buffer;
    const auto frontier =
        write_lines(shell, snapshot, tree, options.payloads, [&buffer](std::string_view line) {
            buffer += line;
            if (buffer.size() >= kPrintedAtOnceBytes) {
                print(buffer);
                buffer.clear();
            }
        });
    print(buffer);
    return is_signed(frontier, tree) ? kExitDone : refuse_tree(tree);
}

int finish(NewFolder& folder, const SignedTree& tree, const std::string& path) {
    folder.add(kCheckpointFile, tree.note);
    folder.commit();
    print(std::to_string(tree.checkpoint.size) + " records in " + path +
          ", with their checkpoint\n");
    return kExitDone;
}

int export_lines(Shell& shell,
                 const store::LogReader& snapshot,
                 const SignedTree& tree,
                 const ExportOptions& options) {
    NewFolder folder(options.folder);
    NewFolder::File file(folder, kRecordsFile);
    const auto frontier =
        write_lines(shell, snapshot, tree, options.payloads, [&file](std::string_view line) {
            file.append(line);
        });
    file.flush();
    return is_signed(frontier, tree) ? finish(folder, tree, options.folder) : refuse_tree(tree);
}

int export_tiles(Shell& shell,
                 const store::LogReader& snapshot,
                 const SignedTree& tree,
                 const ExportOptions& options) {
    NewFolder folder(options.folder);
    audit::TileFiles files([&folder](const std::string& name, std::string_view content) {
        folder.add(name, content);
    });
    {
        Passage passage(shell, tree);
        std::string leaf;
        snapshot.each_leaf(0, tree.checkpoint.size, [&](const audit::Record& record) {
            if (encode_sound_leaf(record, leaf)) {
                files.append(leaf);
            }
            passage.step();
        });
    }
    files.finish();
    return is_signed(files.tree(), tree) ? finish(folder, tree, options.folder) : refuse_tree(tree);
}

int export_log(Shell& shell, const ExportOptions& options) {
    take_stop_signals();
    const std::string& format = shell.format();
    if (format == "tiles" && options.folder.empty()) {
        throw Failure(ErrorKind::usage, "expected a folder for --format tiles: audit export DIR");
    }
    if (format == "tiles" && options.payloads) {
        throw Failure(ErrorKind::usage,
                      "expected --payloads with --format jsonl: tiles hold what is hashed");
    }
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    const SignedTree tree = newest_tree(snapshot);
    tell_rest(snapshot, tree);
    if (format == "tiles") {
        return export_tiles(shell, snapshot, tree, options);
    }
    return options.folder.empty() ? print_lines(shell, snapshot, tree, options)
                                  : export_lines(shell, snapshot, tree, options);
}

}  // namespace

void add_audit_export(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<ExportOptions>();
    CLI::App* const command = audit.add_subcommand(
        "export", "Write what the newest checkpoint covers as JSON Lines or as C2SP tiles");
    command->add_option("folder", options->folder, "A folder to be made; jsonl without one: stdout")
        ->type_name("DIR");
    command->add_flag("--payloads",
                      options->payloads,
                      "jsonl: with payload, salt, NATS subject and headers of each message");
    shell.add_formats(*command, {"jsonl", "tiles"});
    command->footer(
        "Examples:\n"
        "  dcm-billing audit export --format jsonl > log.jsonl\n"
        "  dcm-billing audit export /mnt/www/billing-log --format tiles");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return export_log(shell, *options); });
    });
}

}  // namespace dcm::cli
