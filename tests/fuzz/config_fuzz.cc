// A configuration is read, or all that is wrong with it is told, each on a line of its own; one
// that was read can be worked with.
//
// Input: the text of a configuration file.

#include "audit/note.h"
#include "cli/config.h"
#include "consumer/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temp_dir.h"

#include <string>

namespace dcm::fuzz {
namespace {

constexpr Instant kLatest{253'402'300'799LL * kMicrosPerSecond};  // the last second of 9999

std::optional<std::string> no_environment(const std::string& /*name*/) {
    return std::nullopt;
}

Message late_event() {
    Message message;
    message.subject = "dcm.vm";
    message.payload = R"({"specversion":"1.0","id":"a","source":"s","type":"dcm.status.vm",)"
                      R"("time":"9999-12-31T23:59:59Z","data":{"id":"web-1","status":"RUNNING"}})";
    message.store_time = kLatest;
    return message;
}

void check_use(const cli::Config& config) {
    DCM_CHECK(!config.nats.urls.empty() && config.nats.batch > 0);
    DCM_CHECK(config.ingest.commit_events > 0 && config.ingest.commit_interval >= Duration{0});
    DCM_CHECK(config.audit.quorum > 0);
    const std::string origin =
        audit::format_origin({.deployment = config.audit.deployment, .log_id = "0"});
    DCM_CHECK(audit::is_key_name(origin));
    const consumer::DecodeLimits limits{.payload_bytes_max = config.ingest.payload_bytes_max,
                                        .clock_skew_max = config.ingest.clock_skew_max,
                                        .earliest_time = config.ingest.earliest_time};
    static_cast<void>(consumer::decode(late_event(), rules::standard_lifecycle(), limits));
    for (const auto& [path, value] : config.values) {
        const std::string shown = cli::without_secrets(value.text);
        DCM_CHECK(cli::without_secrets(shown) == shown);
    }
}

}  // namespace

void examine(std::string_view bytes) {
    static const support::TempDir folder;
    cli::ConfigInputs inputs;
    inputs.file = folder.file("dcm-billing.yaml", std::string(bytes));
    inputs.environment = no_environment;
    const Result<cli::Config> config = cli::load_config(inputs);
    if (config.ok()) {
        check_use(config.value());
        return;
    }
    DCM_CHECK(config.error().kind == ErrorKind::malformed && !config.error().message.empty());
}

}  // namespace dcm::fuzz
