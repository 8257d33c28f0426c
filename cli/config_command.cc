#include "billing/json_text.h"
#include "billing/render_usage.h"
#include "cli/anchors.h"
#include "cli/commands.h"
#include "cli/ingest_session.h"

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
                                                    : without_secrets(value.text);
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

// What is valid and is not there: a configuration may be checked on another host.
std::vector<std::string> missing_places(const Config& config) {
    std::vector<std::string> missing;
    const auto tell = [&](std::string_view field, const std::string& expected) {
        missing.push_back(config.values.at(std::string(field)).place + ": warning: expected " +
                          expected + " for " + std::string(field) + ", found none");
    };
    std::error_code fault;
    if (!config.rules.empty() && !fs::exists(config.rules, fault)) {
        tell("rules", "a rule book at " + config.rules.string());
    }
    const auto database = store::parse_database_url(config.database);
    const fs::path folder = database.ok() ? database.value().path.parent_path() : fs::path();
    if (!folder.empty() && !fs::is_directory(folder, fault)) {
        tell("database", "a folder " + folder.string());
    }
    return missing;
}

int check_config(Shell& shell) {
    const Config& config = shell.config();  // throws with every problem
    std::string text;
    const std::vector<std::string> missing = missing_places(config);
    for (const std::string& each : missing) {
        text += each + '\n';
    }
    text += "configuration is valid";
    if (!missing.empty()) {
        text += ", " + std::to_string(missing.size()) +
                (missing.size() == 1 ? " warning" : " warnings");
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
