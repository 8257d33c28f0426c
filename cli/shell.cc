#include "cli/shell.h"

#include "anchors/start_check.h"
#include "base/nearest.h"
#include "cli/option_value.h"
#include "cli/stop_signal.h"

#include <nlohmann/json.hpp>
#include <poll.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

namespace dcm::cli {
namespace {

// How often a write that waits for its reader looks whether a stop was asked for.
constexpr int kReaderLookMs = 200;

std::optional<std::string> environment_variable(const std::string& name) {
    // The environment is read before any thread starts. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* const text = std::getenv(name.c_str());
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

// The message as a JSON string's content.
class JsonMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message,
                const std::tm& /*time*/,
                spdlog::memory_buf_t& out) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        const std::string quoted = nlohmann::json(text).dump(
            -1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
        out.append(quoted.data(), quoted.data() + quoted.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonMessage>();
    }
};

// Log lines go to stderr; text for people, JSON for collectors.
void set_up_logging(const LogOptions& log) {
    constexpr const char* json_pattern =
        R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","message":%*})";
    constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "dcm-billing", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
    spdlog::set_level(spdlog::level::from_str(log.level));
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<JsonMessage>('*').set_pattern(log.format == "json" ? json_pattern
                                                                           : text_pattern);
    spdlog::set_formatter(std::move(formatter));
}

std::string listed(const Formats& formats) {
    std::string names;
    for (const std::string& name : formats) {
        names += (names.empty() ? "" : ", ") + name;
    }
    return names;
}

}  // namespace

Formats row_formats() {
    return {"table", "csv", "json", "jsonl"};
}

Formats object_formats() {
    return {"json", "jsonl"};
}

void Shell::add_common_options(CLI::App& app) {
    app.add_option("--config", config_file_, "Configuration file")->type_name("FILE");
    add_field_option(app, {"--database", "database", "Database, e.g. sqlite://billing.db", "URL"});
    add_field_option(app, {"--rules", "rules", "Rule book: a file or a directory", "PATH"});
    add_field_option(app, {"--nats", "nats.url", "Broker, e.g. nats://127.0.0.1:4222", "URL"});
    app.add_option("--format",
                   format_,
                   "table, csv, json, jsonl, html, yaml or tiles, as the command has them")
        ->type_name("FORMAT");
    app.add_option("--log-level", log_.level, "debug, info, warn or error")
        ->check(one_of({"debug", "info", "warn", "error"}))
        ->type_name("LEVEL");
    app.add_option("--log-format", log_.format, "text or json")
        ->check(one_of({"text", "json"}))
        ->type_name("FORMAT");
}

void Shell::add_field_option(CLI::App& app, const FieldOption& option) {
    app.add_option_function<std::string>(
           option.name,
           [this, field = option.field](const std::string& text) { flags_[field] = text; },
           option.help)
        ->type_name(option.type);
}

void Shell::add_formats(CLI::App& command, const Formats& formats) {
    formats_[&command] = formats;
    command.add_option("--format", format_, listed(formats))->type_name("FORMAT");
}

int Shell::run(const CLI::App& command) {
    set_up_logging(log_);
    const auto known = formats_.find(&command);
    if (known == formats_.end()) {
        require_text(command.get_name());
    } else if (has_chosen_format()) {
        require_format(known->second);
    } else {
        format_ = known->second.front();
    }
    return action_();
}

const Config& Shell::config() {
    if (!config_) {
        ConfigInputs inputs;
        if (!config_file_.empty()) {
            inputs.file = config_file_;
        }
        inputs.flags = flags_;
        inputs.environment = environment_variable;
        config_ = value_or_throw(load_config(inputs));
    }
    return *config_;
}

store::DatabaseUrl Shell::database_url() {
    return value_or_throw(store::parse_database_url(config().database));
}

store::DatabaseUrl Shell::existing_database() {
    store::DatabaseUrl url = database_url();
    std::error_code missing;
    if (!std::filesystem::exists(url.path, missing)) {
        throw Failure(ErrorKind::environment,
                      "expected a database at " + url.path.string() + ", found none");
    }
    return url;
}

void Shell::require_format(const Formats& formats) const {
    if (std::find(formats.begin(), formats.end(), format_) != formats.end()) {
        return;
    }
    const std::string nearest = nearest_word(format_, formats);
    throw Failure(ErrorKind::usage,
                  "expected --format to be one of " + listed(formats) + ", got \"" + format_ + '"' +
                      (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
}

// The table is what people read, and so is text.
void Shell::require_text(const std::string& command) const {
    if (has_chosen_format() && format_ != "table") {
        throw Failure(
            ErrorKind::usage,
            "expected no --format: " + command + " prints text only, got \"" + format_ + '"');
    }
}

billing::RowFormat Shell::row_format() const {
    require_format(row_formats());
    if (format_ == "csv") {
        return billing::RowFormat::csv;
    }
    if (format_ == "json") {
        return billing::RowFormat::json;
    }
    return format_ == "jsonl" ? billing::RowFormat::jsonl : billing::RowFormat::table;
}

void print(std::string_view text) {
    while (!text.empty()) {
        pollfd reader{STDOUT_FILENO, POLLOUT, 0};
        if (::poll(&reader, 1, kReaderLookMs) == 0) {
            if (stop_requested()) {
                throw Failure(ErrorKind::environment,
                              "stopped: the reader of standard output does not read");
            }
            continue;
        }
        // No more than what a pipe that is ready takes at once.
        const ssize_t written =
            ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            throw ReaderGone();
        } else if (errno != EINTR && errno != EAGAIN) {
            throw Failure(ErrorKind::environment,
                          "expected to write the result to standard output: " +
                              std::generic_category().message(errno));
        }
    }
}

std::size_t terminal_width() {
    winsize size{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system call is so.
    const bool known =
        ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return known ? size.ws_col : 0;
}

int exit_code(const Failure& failure) {
    if (const auto* const refusal = dynamic_cast<const anchors::NotAsSigned*>(&failure)) {
        return audit::exit_code_of(refusal->finding());
    }
    switch (failure.kind()) {
        case ErrorKind::usage:
            return kExitUsage;
        case ErrorKind::malformed:
            return kExitMalformed;
        case ErrorKind::environment:
            return kExitEnvironment;
    }
    DCM_CHECK(false);
    return kExitEnvironment;
}

}  // namespace dcm::cli
