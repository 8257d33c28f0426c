#include "cli/config.h"

#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

std::optional<std::string> no_environment(const std::string& /*name*/) {
    return std::nullopt;
}

Result<Config> load(const std::filesystem::path& file) {
    ConfigInputs inputs;
    inputs.file = file;
    inputs.environment = no_environment;
    return load_config(inputs);
}

std::string error_of(const std::string& text) {
    const support::TempDir folder;
    const Result<Config> config = load(folder.file("c.yaml", text));
    INFO(text);
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().kind == ErrorKind::malformed);
    std::string message = config.error().message;
    const std::string folder_name = folder.path().string() + '/';
    for (std::size_t at = 0; (at = message.find(folder_name)) != std::string::npos;) {
        message.erase(at, folder_name.size());
    }
    return message;
}

TEST_CASE("without a file every field has its default", "[config]") {
    ConfigInputs inputs;
    inputs.environment = no_environment;
    const Config config = value_or_throw(load_config(inputs));
    CHECK(config.nats.urls == std::vector<std::string>{"nats://127.0.0.1:4222"});
    CHECK(config.nats.stream == "dcm-status");
    CHECK(config.nats.durable == "dcm-billing");
    CHECK(config.database == "sqlite://dcm-billing.db");
    CHECK(config.ingest.commit_events == 5'000);
    CHECK(config.ingest.commit_interval == Duration{50'000});
    CHECK(config.ingest.clock_skew_max == Duration{300 * kMicrosPerSecond});
    CHECK(format_rfc3339(config.ingest.earliest_time) == "2020-01-01T00:00:00Z");
    CHECK(config.audit.quorum == 1);
    CHECK(config.values.at("nats.url").place == "default");
}

TEST_CASE("the example of the documentation is read, paths relative to the file", "[config]") {
    const support::TempDir folder;
    const auto file = folder.file("c.yaml", R"(
nats:
  url: [nats://a:4222, nats://b:4222]
  batch: 500
  credentials: nats.creds
  tls: {ca: ca.pem, certificate: client.pem, key: client.key}
database: sqlite://billing.db
rules: rules
ingest: {commit_events: 100, commit_interval: 5ms, earliest_time: 2021-02-03}
audit:
  deployment: example
  key: /etc/audit.key
  anchors: [{file: billing.anchors}, {stream: dcm-billing-anchors}, {witness: "http://127.0.0.1:2025"}]
  quorum: 2
http: {listen: "127.0.0.1:9464"}
exports:
  - name: finance
    format: lines
    compression: zstd
    periods: [closed]
    schedule: daily at 02:30
    destination: exports
    keep: 24
)");
    const Config config = value_or_throw(load(file));
    CHECK(config.nats.urls == std::vector<std::string>{"nats://a:4222", "nats://b:4222"});
    CHECK(config.nats.credentials == folder.path() / "nats.creds");
    CHECK(config.nats.tls_key == folder.path() / "client.key");
    CHECK(config.database == "sqlite://" + (folder.path() / "billing.db").string());
    CHECK(config.rules == folder.path() / "rules");
    CHECK(config.audit.key == "/etc/audit.key");
    REQUIRE(config.exports.size() == 1);
    const exports::ExportPlan& plan = config.exports.front();
    CHECK(plan.name == "finance");
    CHECK(plan.format == exports::Format::lines);
    CHECK(plan.compression == exports::Compression::zstd);
    CHECK_FALSE(plan.open_periods);
    CHECK(plan.closed_periods);
    CHECK(plan.schedule == "daily at 02:30");
    CHECK(plan.destination == folder.path() / "exports");
    CHECK(plan.keep == 24);
    REQUIRE(config.audit.anchors.size() == 3);
    CHECK(config.audit.anchors[0].target == (folder.path() / "billing.anchors").string());
    CHECK(config.audit.anchors[2].kind == AnchorConfig::Kind::witness);
    CHECK(config.audit.anchors[2].target == "http://127.0.0.1:2025");
    CHECK(config.values.at("audit.quorum").place == file.string() + ":14");
}

TEST_CASE("a flag beats the environment, the environment the file, the file the default",
          "[config]") {
    const support::TempDir folder;
    ConfigInputs inputs;
    inputs.file =
        folder.file("c.yaml", "nats: {stream: from-file, durable: from-file, url: from-file}");
    inputs.environment = [](const std::string& name) -> std::optional<std::string> {
        if (name == "DCM_BILLING_NATS_DURABLE" || name == "DCM_BILLING_NATS_URL") {
            return "from-environment";
        }
        return std::nullopt;
    };
    inputs.flags["nats.url"] = "from-flag";
    const Config config = value_or_throw(load_config(inputs));
    CHECK(config.nats.stream == "from-file");
    CHECK(config.nats.durable == "from-environment");
    CHECK(config.nats.urls == std::vector<std::string>{"from-flag"});
    CHECK(config.values.at("nats.durable").place == "DCM_BILLING_NATS_DURABLE");
}

TEST_CASE("what is wrong is told with file, line, what was expected and the nearest key",
          "[config]") {
    using Catch::Contains;
    CHECK_THAT(error_of("nats:\n  ulr: nats://x"),
               Contains("c.yaml:2:") && Contains("nats.ulr") && Contains("nats.url"));
    CHECK_THAT(error_of("databse: x"), Contains("c.yaml:1:") && Contains("database"));
    CHECK_THAT(error_of("nats: {batch: 0}"), Contains("whole number from 1 to 10000"));
    CHECK_THAT(error_of("nats: {batch: 10001}"), Contains("got \"10001\""));
    CHECK_THAT(error_of("nats: {batch: -1}"), Contains("whole number"));
    CHECK_THAT(error_of("ingest: {commit_interval: 5}"), Contains("a duration such as"));
    CHECK_THAT(error_of("ingest: {earliest_time: 2021-02-30}"), Contains("a date such as"));
    CHECK_THAT(error_of("nats: nothing"), Contains("mapping"));
    CHECK_THAT(error_of("database: [a]"), Contains("one value for database"));
    CHECK_THAT(error_of("audit: {anchors: [{disk: x}]}"), Contains("{file: …}"));
    CHECK_THAT(error_of("exports: [{nme: x}]"), Contains("exports.nme") && Contains("name"));
    CHECK_THAT(error_of("audit: {deployment: 'a b'}"), Contains("without blanks"));
    CHECK_THAT(error_of("audit: {deployment: \"a\\x01b\"}"), Contains("got \"a b\""));
    CHECK_THAT(error_of("audit: {quorum: 2}"),
               Contains("number of anchors, which is 1, for audit.quorum"));
    CHECK_THAT(error_of("audit: {quorum: 3, anchors: [{file: a}, {file: b}]}"),
               Contains("which is 2"));
    CHECK_THAT(error_of("nats: {stream: a}\nnats: {stream: b}"), Contains("c.yaml:2"));
    CHECK_THAT(error_of("{"), Contains("c.yaml:"));
}

TEST_CASE("the address of a broker is one that can be connected to", "[config]") {
    for (const std::string url : {"htp://x",
                                  "https//broker:4222",
                                  "nats:/broker",
                                  "nats://",
                                  "nats://broker/",
                                  "nats://broker:",
                                  "nats://broker:0",
                                  "nats://broker:65536",
                                  "nats://bro ker",
                                  "nats://a:4222 nats://b:4222",
                                  "nats://[::1",
                                  "nats://a:4222,foo://b:4222"}) {
        CHECK_THAT(error_of("nats: {url: \"" + url + "\"}"),
                   Catch::Contains("c.yaml:1: expected nats://host:port, tls://host:port or "
                                   "host:port, or several with commas, for nats.url, got \""));
    }
    const support::TempDir folder;
    for (const std::string url : {"broker",
                                  "broker:4222",
                                  "tls://broker:65535",
                                  "nats://bob:p/w@broker:4222/",
                                  "nats://[::1]:4222",
                                  "nats://token@[::1]",
                                  " nats://a:4222 "}) {
        const auto file = folder.file("c.yaml", "nats: {url: [\"" + url + "\"]}");
        CHECK(load(file).ok());
    }
}

TEST_CASE("a broker's address is told without its secrets", "[config]") {
    for (const std::string url : {"bob:pw@broker:x", "https//bob:pw@broker", "foo://pw@broker"}) {
        const std::string message = error_of("nats: {url: [a, \"" + url + "\"]}");
        CHECK_THAT(message, Catch::Contains("***@broker") && !Catch::Contains("pw"));
    }
    CHECK(shown_value("nats.url", "a,bob:pw@b:4222") == "a,***@b:4222");
    CHECK(shown_value("nats.user", "bob@b") == "bob@b");
}

TEST_CASE("where to listen is an address and a port", "[config]") {
    for (const std::string listen :
         {"1", "127.0.0.1", ":9464", "127.0.0.1:", "a:b", "a:65536", "a b:1"}) {
        CHECK_THAT(error_of("http: {listen: \"" + listen + "\"}"),
                   Catch::Contains("c.yaml:1: expected an address and a port such as "
                                   "127.0.0.1:9464 for http.listen, got \"" +
                                   listen + '"'));
    }
    const support::TempDir folder;
    for (const std::string listen : {"0.0.0.0:0", "localhost:65535", "[::1]:9464"}) {
        const auto file = folder.file("c.yaml", "http: {listen: \"" + listen + "\"}");
        CHECK(value_or_throw(load(file)).http_listen == listen);
    }
}

TEST_CASE("all problems are told at once", "[config]") {
    const std::string message = error_of("ulr: 1\nnats: {batch: x}\nhttpp: {}");
    CHECK_THAT(message,
               Catch::Contains("c.yaml:1:") && Catch::Contains("c.yaml:3:") &&
                   Catch::Contains("nats.batch"));
}

TEST_CASE("a configuration file that is not there is an error", "[config]") {
    const Result<Config> config = load("/nonexistent/dcm-billing.yaml");
    REQUIRE_FALSE(config.ok());
    CHECK_THAT(config.error().message, Catch::Contains("/nonexistent/dcm-billing.yaml"));
}

TEST_CASE("a configuration of more than 1 MiB is refused", "[config]") {
    CHECK_THAT(error_of(std::string(1'048'577, '#')), Catch::Contains("at most 1 MiB"));
}

TEST_CASE("user and password in a URL are never shown", "[config]") {
    CHECK(without_secrets("nats://bob:pw@host:4222") == "nats://***@host:4222");
    CHECK(without_secrets("nats://token@a,nats://u:p@b/x") == "nats://***@a,nats://***@b/x");
    CHECK(without_secrets("nats://host:4222") == "nats://host:4222");
    CHECK(without_secrets("sqlite:///var/x@y.db") == "sqlite:///var/x@y.db");
}

TEST_CASE("an empty file is a configuration of defaults", "[config]") {
    const support::TempDir folder;
    CHECK(load(folder.file("c.yaml", "\n")).ok());
}

TEST_CASE("a seed in the place of its file's path is refused and not shown", "[config]") {
    ConfigInputs inputs;
    const std::string seed = "SU" + std::string(56, 'A');
    inputs.environment = [&seed](const std::string& name) -> std::optional<std::string> {
        return name == "DCM_BILLING_NATS_NKEY_SEED" ? std::optional(seed) : std::nullopt;
    };
    const Result<Config> config = load_config(inputs);
    REQUIRE_FALSE(config.ok());
    CHECK_THAT(config.error().message, Catch::Contains("DCM_BILLING_NATS_NKEY_SEED"));
    CHECK_THAT(config.error().message, !Catch::Contains(seed));
}

TEST_CASE("a field's environment variable is its path in capitals", "[config]") {
    CHECK(environment_name("nats.tls.ca") == "DCM_BILLING_NATS_TLS_CA");
    CHECK(environment_name("database") == "DCM_BILLING_DATABASE");
}

}  // namespace
}  // namespace dcm::cli
