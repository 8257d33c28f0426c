#include "cli/nats.h"

namespace dcm::cli {

consumer::NatsOptions nats_options(const NatsConfig& config) {
    consumer::NatsOptions options;
    options.urls = config.urls;
    options.credentials = config.credentials;
    options.nkey_seed = config.nkey_seed;
    options.user = config.user;
    options.password_file = config.password_file;
    options.tls = {config.tls_ca, config.tls_certificate, config.tls_key};
    return options;
}

}  // namespace dcm::cli
