#include "billing/json_text.h"
#include "billing/render_usage.h"
#include "cli/anchors.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/ingest_session.h"
#include "cli/nats.h"
#include "consumer/nats_options.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

// What an empty field stands for; empty where it stands for nothing.
std::string meaning_of_empty(const std::string& path,
                             const Config& config,
                             const Result<store::DatabaseUrl>& database) {
    if (path == "rules") {
        return "built in";
    }
    if (path == "audit.key" && database.ok()) {
        return signer_places(config, database.value().path).key.string();
    }
    if (path == "audit.anchors" && database.ok()) {
        return "file:" + anchor_files(config, database.value().path).front().string();
    }
    return {};
}

int show_config(Shell& shell) {
    const Config& config = shell.config();
    const auto database = store::parse_database_url(config.database);
    billing::RowPrinter rows(
        {{"field"}, {"value"}, {"from"}}, shell.row_format(), terminal_width(), print);
    for (const auto& field : config.values) {
        const std::string& path = field.first;
        const ConfigValue& value = field.second;
        const std::string text = value.text.empty() ? meaning_of_empty(path, config, database)
                                                    : shown_value(path, value.text);
        rows.add(
            [&] {
                return std::vector<std::string>{path, text, value.place};
            },
            [&] {
                billing::JsonObject object;
                object.add("field", path);
                object.add("value", text);
                object.add("from", value.place);
                return object.text();
            });
    }
    rows.finish();
    return kExitDone;
}

// Empty where the access is granted.
std::string why_not(int access, const fs::path& path) {
    if (::faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0) {
        return {};
    }
    return errno == ENOENT ? "found none" : "got: " + std::generic_category().message(errno);
}

std::string why_no_file(const fs::path& path) {
    std::error_code unknown;
    return fs::is_directory(path, unknown) ? "got: a folder" : why_not(R_OK, path);
}

// The folder in which the file is to be made.
std::string why_no_folder_of(const fs::path& path) {
    const fs::path folder = path.parent_path();
    return folder.empty() ? "" : why_not(F_OK, folder / "");
}

// A path with the field that names it.
struct Named {
    std::string field;
    fs::path path;
    std::string part = {};  // of the field, where it has several
};

// Of a folder that is made with those above it, the first that is not there.
fs::path first_made_of(fs::path folder) {
    std::error_code missing;
    while (folder.has_parent_path() && folder.parent_path() != folder &&
           !fs::exists(folder.parent_path(), missing)) {
        folder = folder.parent_path();
    }
    return folder;
}

// What is valid and will not work here: a configuration may be checked on another host.
class Warnings {
public:
    explicit Warnings(const Config& config) : config_(config) {}

    void expect_book(const Named& book) {
        if (!book.path.empty()) {
            expect(book, "a rule book at " + book.path.string(), why_not(R_OK, book.path));
        }
    }

    void expect_file(const Named& file) {
        if (!file.path.empty()) {
            expect(file, "a file to read at " + file.path.string(), why_no_file(file.path));
        }
    }

    void expect_folder_of(const Named& file) {
        expect(file, "a folder " + file.path.parent_path().string(), why_no_folder_of(file.path));
    }

    void add(const std::string& field, const std::string& what) {
        lines_.push_back(config_.values.at(field).place + ": warning: " + what);
    }

    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

private:
    // `found` is empty where all is well.
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order they are told.
    void expect(const Named& named, const std::string& what, const std::string& found) {
        if (!found.empty()) {
            const std::string where = " for " + named.field + named.part;
            add(named.field, "expected " + what + where + ", " + found);
        }
    }

    const Config& config_;
    std::vector<std::string> lines_;
};

std::vector<std::string> warnings_of(const Config& config) {
    Warnings warnings(config);
    for (const Field& field : config_fields()) {
        if (field.kind == FieldKind::path && field.path.starts_with("nats.")) {
            warnings.expect_file({field.path, config.values.at(field.path).text});
        }
    }
    warnings.expect_book({"rules", config.rules});
    if (const auto database = store::parse_database_url(config.database); database.ok()) {
        warnings.expect_folder_of({"database", database.value().path});
    }
    warnings.expect_folder_of({"audit.key", config.audit.key});
    for (const AnchorConfig& anchor : config.audit.anchors) {
        if (anchor.kind == AnchorConfig::Kind::file) {
            warnings.expect_folder_of({"audit.anchors", anchor.target});
        }
    }
    for (const exports::ExportPlan& plan : config.exports) {
        warnings.expect_folder_of(
            {"exports", first_made_of(plan.destination), '.' + plan.name + ".destination"});
    }
    if (config.values.at("http.listen").origin != Origin::built_in) {
        warnings.add("http.listen", "http.listen has no effect: this version serves no HTTP");
    }
    return warnings.lines();
}

int check_config(Shell& shell) {
    const Config& config = shell.config();  // throws with every problem
    std::string text;
    consumer::require_consistent(nats_options(config.nats));
    const std::vector<std::string> warnings = warnings_of(config);
    for (const std::string& each : warnings) {
        text += each + '\n';
    }
    text += "configuration is valid";
    if (!warnings.empty()) {
        text += ", " + std::to_string(warnings.size()) +
                (warnings.size() == 1 ? " warning" : " warnings");
    }
    print(text + '\n');
    return kExitDone;
}

}  // namespace

void add_config_command(CLI::App& app, Shell& shell) {
    CLI::App* const config = app.add_subcommand("config", "The resolved configuration");
    config->require_subcommand(1);
    config->footer("Example: dcm-billing config show --config dcm-billing.yaml");

    CLI::App* const show =
        config->add_subcommand("show", "Print every field with where its value came from");
    shell.add_formats(*show, row_formats());
    show->footer("Example: DCM_BILLING_NATS_URL=nats://broker:4222 dcm-billing config show");
    show->callback([&shell] { shell.choose([&shell] { return show_config(shell); }); });

    CLI::App* const check = config->add_subcommand("check", "Validate the configuration");
    check->footer("Example: dcm-billing config check --config /etc/dcm-billing/dcm-billing.yaml");
    check->callback([&shell] { shell.choose([&shell] { return check_config(shell); }); });
}

}  // namespace dcm::cli
