#include "cli/config.h"

#include "audit/note.h"
#include "base/shown.h"
#include "base/zone.h"
#include "cli/config_file.h"
#include "consumer/broker_address.h"
#include "consumer/stream_setup.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dcm::cli {
namespace {

constexpr std::size_t kBatchMax = 10'000;
constexpr std::size_t kCommitEventsMax = 100'000;
constexpr std::size_t kPayloadBytesMax = std::size_t{64} * 1'048'576;
constexpr std::size_t kQuorumMax = 100;

using Values = std::map<std::string, ConfigValue, std::less<>>;

// The parts between commas, without the empty ones.
std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        if (comma > from) {
            parts.push_back(text.substr(from, comma - from));
        }
        from = comma + 1;
    }
    return parts;
}

std::string without_blanks_around(const std::string& text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// Whatever is wrong with a broker's address, what stands before an @ in it may be a secret.
std::string without_login(const std::string& address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string::npos) {
        return address;
    }
    const std::size_t slashes = address.find("//");
    return (slashes < at ? address.substr(0, slashes + 2) : "") + "***" + address.substr(at);
}

// NKey seeds are `S`, one of the letters of a kind of key, then base32: 58 characters in all.
bool looks_like_seed(std::string_view text) {
    constexpr std::size_t seed_size = 58;
    constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    return text.starts_with('S') && text.size() >= seed_size &&
           text.find_first_not_of(base32) == std::string_view::npos;
}

// Turns the texts into typed fields; each fault becomes a line of `problems`.
class Typed {
public:
    Typed(const Values& values, std::vector<std::string>& problems)
        : values_(values), problems_(problems) {}

    [[nodiscard]] const ConfigValue& value(std::string_view path) const {
        const auto found = values_.find(path);
        DCM_CHECK(found != values_.end());
        return found->second;
    }

    [[nodiscard]] std::string text(std::string_view path) const { return value(path).text; }

    // The path of a file with a secret in it. What looks like the secret itself is not a path, and
    // is not shown.
    [[nodiscard]] std::string file(std::string_view path) {
        const std::string& name = value(path).text;
        if (looks_like_seed(name)) {
            problems_.push_back(value(path).place + ": expected the path of a file for " +
                                std::string(path) + ", got what looks like the secret itself");
        }
        return name;
    }

    [[nodiscard]] std::string filled(std::string_view path) {
        if (text(path).empty()) {
            problem(path, "a text that is not empty");
        }
        return text(path);
    }

    [[nodiscard]] std::size_t count(std::string_view path, std::size_t largest) {
        const std::string& digits = value(path).text;
        std::size_t number = 0;
        const char* const end = digits.data() + digits.size();
        const auto [after, fault] = std::from_chars(digits.data(), end, number);
        if (fault != std::errc{} || after != end || number == 0 || number > largest) {
            problem(path, "a whole number from 1 to " + std::to_string(largest));
        }
        return number;
    }

    [[nodiscard]] Duration duration(std::string_view path) {
        const Result<Duration> parsed = parse_duration(text(path));
        if (!parsed.ok()) {
            problem(path, "a duration such as 50ms, 5m or 1d");
            return {};
        }
        return parsed.value();
    }

    [[nodiscard]] Instant date(std::string_view path) {
        const Result<CivilDate> parsed = parse_date(text(path));
        if (!parsed.ok()) {
            problem(path, "a date such as 2020-01-01");
            return {};
        }
        return Zone::utc().start_of(parsed.value());
    }

    [[nodiscard]] std::vector<std::string> urls(std::string_view path) {
        std::vector<std::string> found = split(text(path));
        std::transform(found.begin(), found.end(), found.begin(), without_blanks_around);
        const auto is_one = [](const std::string& url) {
            return consumer::broker_address(url).has_value();
        };
        if (found.empty() || !std::all_of(found.begin(), found.end(), is_one)) {
            problem(path,
                    "nats://host:port, tls://host:port or host:port, or several with commas,");
        }
        return found;
    }

    [[nodiscard]] std::string address(std::string_view path) {
        constexpr unsigned port_max = 65'535;
        const std::string& listen = text(path);
        const std::size_t colon = std::min(listen.rfind(':'), listen.size());
        const std::string host = listen.substr(0, colon);
        const char* const end = listen.data() + listen.size();
        unsigned port = 0;
        const auto [after, fault] =
            std::from_chars(std::min(listen.data() + colon + 1, end), end, port);
        const bool is_host = !host.empty() && host.find_first_of(" \t/") == std::string::npos;
        if (!is_host || fault != std::errc{} || after != end || port > port_max) {
            problem(path, "an address and a port such as 127.0.0.1:9464");
        }
        return listen;
    }

    [[nodiscard]] std::vector<AnchorConfig> anchors(std::string_view path) {
        using Kind = AnchorConfig::Kind;
        constexpr std::array<std::pair<std::string_view, Kind>, 3> kinds{
            {{"file:", Kind::file}, {"stream:", Kind::stream}, {"witness:", Kind::witness}}};
        std::vector<AnchorConfig> found;
        for (const std::string& part : split(text(path))) {
            const auto* const kind =
                std::find_if(kinds.begin(), kinds.end(), [&part](const auto& k) {
                    return part.starts_with(k.first);
                });
            if (kind == kinds.end() || part.size() == kind->first.size()) {
                problem(path, "anchors as file:PATH, stream:NAME or witness:URL, with commas");
                return found;
            }
            found.push_back({kind->second, part.substr(kind->first.size()), ""});
            if (kind->second == Kind::witness) {
                take_witness(path, found.back());
            }
            if (kind->second == Kind::stream && !consumer::is_name(found.back().target)) {
                problem(path, "the name of a stream without blanks, '.', '*', '>' and slashes");
            }
        }
        return found;
    }

    // `http://host:port#<verifier key>`, the key where it is known.
    void take_witness(std::string_view path, AnchorConfig& anchor) {
        const std::size_t hash = anchor.target.find('#');
        if (hash != std::string::npos) {
            anchor.key = anchor.target.substr(hash + 1);
            anchor.target.erase(hash);
        }
        while (anchor.target.ends_with('/')) {
            anchor.target.pop_back();
        }
        if (!anchor.target.starts_with("http://") && !anchor.target.starts_with("https://")) {
            problem(path, "the URL of a witness such as http://127.0.0.1:2025");
        }
        const auto key = audit::VerifierKey::parse(anchor.key);
        const bool is_witness =
            key.ok() && key.value().algorithm() == audit::KeyAlgorithm::cosignature;
        if (!anchor.key.empty() && !is_witness) {
            problem(path, "the verifier key of a witness, as `audit witness` prints it,");
        }
    }

    void problem(std::string_view path, const std::string& expected) {
        const ConfigValue& found = value(path);
        problems_.push_back(found.place + ": expected " + expected + " for " + std::string(path) +
                            ", got " + shown(shown_value(path, found.text)));
    }

private:
    const Values& values_;
    std::vector<std::string>& problems_;
};

void add_flags_and_environment(const ConfigInputs& inputs, Values& values) {
    for (const Field& field : config_fields()) {
        const std::string variable = environment_name(field.path);
        if (const auto text = inputs.environment(variable)) {
            values[field.path] = {*text, Origin::environment, variable};
        }
    }
    for (const auto& [path, text] : inputs.flags) {
        values[path] = {text, Origin::flag, "command line"};
    }
}

NatsConfig typed_nats(Typed& typed) {
    NatsConfig nats;
    nats.urls = typed.urls("nats.url");
    nats.stream = typed.filled("nats.stream");
    nats.durable = typed.filled("nats.durable");
    nats.batch = typed.count("nats.batch", kBatchMax);
    nats.nkey_seed = typed.file("nats.nkey_seed");
    nats.credentials = typed.file("nats.credentials");
    nats.password_file = typed.file("nats.password_file");
    nats.user = typed.text("nats.user");
    nats.tls_ca = typed.text("nats.tls.ca");
    nats.tls_certificate = typed.text("nats.tls.certificate");
    nats.tls_key = typed.text("nats.tls.key");
    return nats;
}

Config typed_config(const Values& values, std::vector<std::string>& problems) {
    Typed typed(values, problems);
    Config config;
    config.nats = typed_nats(typed);
    config.database = typed.filled("database");
    config.rules = typed.text("rules");
    config.ingest.commit_events = typed.count("ingest.commit_events", kCommitEventsMax);
    config.ingest.commit_interval = typed.duration("ingest.commit_interval");
    config.ingest.payload_bytes_max = typed.count("ingest.max_payload_bytes", kPayloadBytesMax);
    config.ingest.clock_skew_max = typed.duration("ingest.max_clock_skew");
    config.ingest.earliest_time = typed.date("ingest.earliest_time");
    config.audit.deployment = typed.filled("audit.deployment");
    if (!config.audit.deployment.empty() && !audit::is_key_name(config.audit.deployment)) {
        typed.problem("audit.deployment", "a name without blanks, controls or plus signs");
    }
    config.audit.key = typed.text("audit.key");
    config.audit.anchors = typed.anchors("audit.anchors");
    config.audit.quorum = typed.count("audit.quorum", kQuorumMax);
    const std::size_t anchors = std::max<std::size_t>(config.audit.anchors.size(), 1);
    if (config.audit.quorum > anchors) {
        typed.problem("audit.quorum",
                      "at most the number of anchors, which is " + std::to_string(anchors) + ",");
    }
    config.http_listen = typed.address("http.listen");
    if (typed.value("exports").origin == Origin::environment) {
        typed.problem("exports", "exports in a configuration file");
    }
    config.values = values;
    return config;
}

// The file to read: the one asked for, else the first default place that exists.
std::optional<std::filesystem::path> config_file(const ConfigInputs& inputs) {
    if (inputs.file) {
        return inputs.file;
    }
    for (const std::string_view place : {"dcm-billing.yaml", "/etc/dcm-billing/dcm-billing.yaml"}) {
        std::error_code unknown;  // what cannot be looked at may be there: reading it tells why
        if (std::filesystem::exists(place, unknown) || unknown) {
            return std::filesystem::path(place);
        }
    }
    return std::nullopt;
}

}  // namespace

const std::vector<Field>& config_fields() {
    static const std::vector<Field> fields{
        {"nats.url", FieldKind::url_list, "nats://127.0.0.1:4222"},
        {"nats.stream", FieldKind::text, "dcm-status"},
        {"nats.durable", FieldKind::text, "dcm-billing"},
        {"nats.batch", FieldKind::count, "500"},
        {"nats.credentials", FieldKind::path, ""},
        {"nats.nkey_seed", FieldKind::path, ""},
        {"nats.user", FieldKind::text, ""},
        {"nats.password_file", FieldKind::path, ""},
        {"nats.tls.ca", FieldKind::path, ""},
        {"nats.tls.certificate", FieldKind::path, ""},
        {"nats.tls.key", FieldKind::path, ""},
        {"database", FieldKind::database, "sqlite://dcm-billing.db"},
        {"rules", FieldKind::path, ""},
        {"ingest.commit_events", FieldKind::count, "5000"},
        {"ingest.commit_interval", FieldKind::duration, "50ms"},
        {"ingest.max_payload_bytes", FieldKind::count, "1048576"},
        {"ingest.max_clock_skew", FieldKind::duration, "5m"},
        {"ingest.earliest_time", FieldKind::date, "2020-01-01"},
        {"audit.deployment", FieldKind::text, "dcm-billing"},
        {"audit.key", FieldKind::path, ""},
        {"audit.anchors", FieldKind::anchors, ""},
        {"audit.quorum", FieldKind::count, "1"},
        {"http.listen", FieldKind::text, "127.0.0.1:9464"},
        {"exports", FieldKind::exports, ""},
    };
    return fields;
}

Result<Config> load_config(const ConfigInputs& inputs) {
    Values values;
    for (const Field& field : config_fields()) {
        values[field.path] = {field.fallback, Origin::built_in, "default"};
    }
    std::vector<std::string> problems;
    std::vector<exports::ExportPlan> exports;
    if (const auto file = config_file(inputs)) {
        read_config_file(*file, values, exports, problems);
    }
    add_flags_and_environment(inputs, values);
    Config config = typed_config(values, problems);
    config.exports = std::move(exports);
    if (problems.empty()) {
        return config;
    }
    std::string message;
    for (const std::string& problem : problems) {
        message += (message.empty() ? "" : "\ndcm-billing: ") + problem;
    }
    return malformed(message);
}

std::string environment_name(std::string_view path) {
    std::string name = "DCM_BILLING_";
    for (const char c : path) {
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return name;
}

std::string shown_value(std::string_view path, const std::string& text) {
    if (path != "nats.url") {
        return without_secrets(text);
    }
    std::string addresses;
    for (const std::string& address : split(text)) {
        addresses += (addresses.empty() ? "" : ",") + without_login(address);
    }
    return addresses;
}

std::string without_secrets(std::string_view text) {
    std::string shown(text);
    std::size_t from = 0;
    while ((from = shown.find("://", from)) != std::string::npos) {
        from += 3;
        const std::size_t end = std::min(shown.find_first_of("/, ]\"", from), shown.size());
        const std::size_t at = shown.rfind('@', end);
        if (at != std::string::npos && at > from && at < end) {
            shown.replace(from, at - from, "***");
        }
    }
    return shown;
}

}  // namespace dcm::cli
