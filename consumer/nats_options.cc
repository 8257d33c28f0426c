#include "consumer/nats_options.h"

#include "consumer/broker_address.h"
#include "consumer/nkey.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <fstream>

namespace dcm::consumer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSecretBytesMax = 16'384;
constexpr std::int64_t kPingIntervalMs = 10'000;
constexpr int kPingsOutMax = 2;
// A peer that takes nothing for so long is given up: until then cnats holds what every other call
// needs.
constexpr std::int64_t kWriteDeadlineMs = 3'000;

void require_readable(const fs::path& file, const std::string& what) {
    const std::ifstream stream(file);
    if (!stream) {
        throw Failure(ErrorKind::environment, what + ": cannot read " + file.string());
    }
}

// The first line of a file that holds one secret.
std::string first_line(const fs::path& file, const std::string& what) {
    require_readable(file, what);
    std::ifstream stream(file, std::ios::binary);
    std::string content(kSecretBytesMax, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(stream.gcount()));
    content.resize(std::min(content.find_first_of("\r\n"), content.size()));
    if (content.empty()) {
        throw Failure(ErrorKind::malformed,
                      what + ": the first line of " + file.string() + " is empty");
    }
    return content;
}

// cnats would say no more than "Error", and only when it connects.
void require_credentials(const fs::path& file) {
    require_readable(file, "nats.credentials");
    std::ifstream stream(file, std::ios::binary);
    std::string content(kSecretBytesMax, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    for (const std::string_view part : {"BEGIN NATS USER JWT", "BEGIN USER NKEY SEED"}) {
        if (content.find(part) == std::string::npos) {
            throw Failure(ErrorKind::malformed,
                          "nats.credentials " + file.string() + ": expected a user JWT and a seed");
        }
    }
}

}  // namespace

void require_consistent(const NatsOptions& options) {
    const int ways = (options.credentials.empty() ? 0 : 1) + (options.nkey_seed.empty() ? 0 : 1) +
                     (options.user.empty() ? 0 : 1);
    if (ways > 1) {
        throw Failure(
            ErrorKind::malformed,
            "nats: expected one of credentials, nkey_seed and user, found " + std::to_string(ways));
    }
    if (options.user.empty() != options.password_file.empty()) {
        throw Failure(ErrorKind::malformed, "nats: user and password_file belong together");
    }
    if (options.tls.certificate.empty() != options.tls.key.empty()) {
        throw Failure(ErrorKind::malformed, "nats.tls: certificate and key belong together");
    }
}

namespace {

void set_login(natsOptions* out, const NatsOptions& options) {
    if (!options.credentials.empty()) {
        require_credentials(options.credentials);
        require_ok(
            natsOptions_SetUserCredentialsFromFiles(out, options.credentials.c_str(), nullptr),
            "nats.credentials " + options.credentials.string());
    }
    if (!options.nkey_seed.empty()) {
        const auto public_key =
            nkey_public_of_seed(first_line(options.nkey_seed, "nats.nkey_seed"));
        if (!public_key.ok()) {
            throw Failure(
                ErrorKind::malformed,
                "nats.nkey_seed " + options.nkey_seed.string() + ": " + public_key.error().message);
        }
        require_ok(
            natsOptions_SetNKeyFromSeed(out, public_key.value().c_str(), options.nkey_seed.c_str()),
            "nats.nkey_seed " + options.nkey_seed.string());
    }
    if (!options.user.empty()) {
        const std::string password = first_line(options.password_file, "nats.password_file");
        require_ok(natsOptions_SetUserInfo(out, options.user.c_str(), password.c_str()),
                   "nats.user");
    }
}

bool is_ip_address(const std::string& host) {
    in6_addr buffer{};
    return inet_pton(AF_INET, host.c_str(), &buffer) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &buffer) == 1;
}

void set_tls(natsOptions* out, const NatsOptions& options, const std::string& url) {
    const TlsFiles& tls = options.tls;
    if (tls.ca.empty() && tls.certificate.empty()) {
        return;
    }
    require_ok(natsOptions_SetSecure(out, true), "nats.tls");
    if (!tls.ca.empty()) {
        require_readable(tls.ca, "nats.tls.ca");
        require_ok(natsOptions_LoadCATrustedCertificates(out, tls.ca.c_str()),
                   "nats.tls.ca " + tls.ca.string());
    }
    if (!tls.certificate.empty()) {
        require_readable(tls.certificate, "nats.tls.certificate");
        require_readable(tls.key, "nats.tls.key");
        require_ok(natsOptions_LoadCertificatesChain(out, tls.certificate.c_str(), tls.key.c_str()),
                   "nats.tls.certificate " + tls.certificate.string());
    }
    // An address has no name that cnats could look for in the certificate: any of the CA is taken.
    const auto address = broker_address(url);
    if (address && !is_ip_address(address->host)) {
        require_ok(natsOptions_SetExpectedHostname(out, address->host.c_str()), "nats.tls");
    }
}

}  // namespace

OptionsHandle to_cnats(const NatsOptions& options, const std::string& url) {
    natsOptions* raw = nullptr;
    require_ok(natsOptions_Create(&raw), "nats options");
    OptionsHandle out(raw);
    if (natsOptions_SetURL(raw, url.c_str()) != NATS_OK) {
        throw Failure(ErrorKind::malformed,
                      "nats.url: expected nats://host:port, or a list of such");
    }
    require_ok(natsOptions_SetName(raw, options.client_name.c_str()), "nats client name");
    require_ok(natsOptions_SetTimeout(raw, options.connect_timeout.count()), "nats timeout");
    require_ok(natsOptions_SetAllowReconnect(raw, false), "nats reconnect");
    // Nobody would watch over a connection to a server that another one named.
    require_ok(natsOptions_SetIgnoreDiscoveredServers(raw, true), "nats servers");
    require_ok(natsOptions_SetWriteDeadline(raw, kWriteDeadlineMs), "nats write deadline");
    require_ok(natsOptions_SetPingInterval(raw, kPingIntervalMs), "nats ping");
    require_ok(natsOptions_SetMaxPingsOut(raw, kPingsOutMax), "nats ping");
    require_ok(natsOptions_SetFailRequestsOnDisconnect(raw, true), "nats requests");
    require_consistent(options);
    set_login(raw, options);
    set_tls(raw, options, url);
    return out;
}

}  // namespace dcm::consumer
