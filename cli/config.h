#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "exports/plan.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::cli {

// Where a value came from, in rising order of precedence.
enum class Origin { built_in, file, environment, flag };

// One resolved field, as text, with where it came from (`default`, `FILE:LINE`, a variable, a
// flag).
struct ConfigValue {
    std::string text;
    Origin origin = Origin::built_in;
    std::string place = "default";
};

// A place for signed checkpoints outside the database.
struct AnchorConfig {
    enum class Kind { file, stream, witness };
    Kind kind = Kind::file;
    std::string target;
    std::string key;  // a witness's verifier key; empty: its cosignatures are not checked
};

struct NatsConfig {
    std::vector<std::string> urls;
    std::string stream;
    std::string durable;
    std::size_t batch = 0;
    std::filesystem::path credentials;
    std::filesystem::path nkey_seed;
    std::string user;
    std::filesystem::path password_file;
    std::filesystem::path tls_ca;
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
};

struct IngestConfig {
    std::size_t commit_events = 0;
    Duration commit_interval;
    std::size_t payload_bytes_max = 0;
    Duration clock_skew_max;
    Instant earliest_time;
};

struct AuditConfig {
    std::string deployment;
    std::filesystem::path key;          // empty: beside the database
    std::vector<AnchorConfig> anchors;  // empty: a file beside the database
    std::size_t quorum = 1;
};

// The configuration with every field resolved. `values` keeps text and origin for `config show`.
struct Config {
    NatsConfig nats;
    std::string database;
    std::filesystem::path rules;  // empty: the book that is built in
    IngestConfig ingest;
    AuditConfig audit;
    std::string http_listen;
    std::map<std::string, ConfigValue, std::less<>> values;
    std::vector<exports::ExportPlan> exports;
};

// What the command line and the environment add. Fields are named by their path: `nats.url`.
struct ConfigInputs {
    // An explicit --config; else the default places are looked at, and none is fine.
    std::optional<std::filesystem::path> file;
    std::map<std::string, std::string> flags;
    std::function<std::optional<std::string>(const std::string&)> environment;
};

// Resolves flag > environment > file > default. All problems at once, each naming file and line (or
// variable, or flag), what was expected and the nearest known key.
[[nodiscard]] Result<Config> load_config(const ConfigInputs& inputs);

// The field as an environment variable: nats.tls.ca is DCM_BILLING_NATS_TLS_CA.
[[nodiscard]] std::string environment_name(std::string_view path);

// A field's text as it may be shown: without user and password.
[[nodiscard]] std::string shown_value(std::string_view path, const std::string& text);

// Hides user and password in URLs.
[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace dcm::cli
