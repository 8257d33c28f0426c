#include "consumer/broker_address.h"

#include <charconv>

namespace dcm::consumer {
namespace {

// What stands between scheme and path; nullopt for a scheme that is none of ours.
std::optional<std::string_view> without_scheme(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        return url.find("//") == std::string_view::npos ? std::optional(url) : std::nullopt;
    }
    const std::string_view name = url.substr(0, scheme);
    return name == "nats" || name == "tls" ? std::optional(url.substr(scheme + 3)) : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    digits.remove_suffix(digits.ends_with('/') ? 1 : 0);
    const char* const end = digits.data() + digits.size();
    std::uint16_t port = 0;
    const auto [after, fault] = std::from_chars(digits.data(), end, port);
    return fault == std::errc{} && after == end && port > 0 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<BrokerAddress> broker_address(std::string_view url) {
    const std::optional<std::string_view> named = without_scheme(url);
    if (!named) {
        return std::nullopt;
    }
    const std::string_view place = named->substr(named->rfind('@') + 1);  // npos + 1 is 0
    const std::size_t bracket = place.rfind(']');
    const std::size_t colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string_view host = place.substr(0, colon);
    const bool is_bracketed = host.starts_with('[');
    if (host.empty() || host.find_first_of(" \t/") != std::string_view::npos ||
        is_bracketed != host.ends_with(']')) {
        return std::nullopt;
    }
    BrokerAddress address;
    if (colon != std::string_view::npos) {
        const auto port = parse_port(place.substr(colon + 1));
        if (!port) {
            return std::nullopt;
        }
        address.port = *port;
    }
    address.host = is_bracketed ? host.substr(1, host.size() - 2) : host;
    return address;
}

}  // namespace dcm::consumer
