#include "anchors/witness_server.h"

#include "audit/state_text.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace dcm::anchors {
namespace {

using Deadline = std::chrono::steady_clock;

constexpr std::string_view kPath = "/add-checkpoint";
constexpr unsigned kConnectionsMax = 64;
constexpr unsigned kIdleSecondsMax = 10;
constexpr std::chrono::seconds kRequestSecondsMax(20);
constexpr std::size_t kHeaderBytesMax = 32'768;
constexpr unsigned kNotFound = 404;
constexpr unsigned kWrongMethod = 405;
constexpr unsigned kTooLarge = 413;

struct Upload {
    std::string body;
    Deadline::time_point begun_at = Deadline::now();
    bool is_too_large = false;
};

MHD_Result send(MHD_Connection* connection, unsigned status, const WitnessReply& reply) {
    // The bytes are copied.
    MHD_Response* const response = MHD_create_response_from_buffer(
        reply.body.size(),
        const_cast<char*>(reply.body.data()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        MHD_RESPMEM_MUST_COPY);
    if (response == nullptr) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.content_type.c_str());
    const MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

MHD_Result refuse(MHD_Connection* connection, unsigned status, const char* why) {
    return send(connection, status, {0, "text/plain; charset=utf-8", why});
}

// libmicrohttpd calls it once when the headers are there, then for each piece of the body, and a
// last time without one.
// NOLINTBEGIN(readability-function-size,bugprone-easily-swappable-parameters): its signature
MHD_Result handle(void* context,
                  MHD_Connection* connection,
                  const char* url,
                  const char* method,
                  const char* /*version*/,
                  const char* piece,
                  std::size_t* piece_size,
                  void** state) {
    // NOLINTEND(readability-function-size,bugprone-easily-swappable-parameters)
    if (*state == nullptr) {
        // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): freed in forget().
        *state = new Upload;
        return MHD_YES;
    }
    auto& upload = *static_cast<Upload*>(*state);
    if (*piece_size > 0) {
        if (Deadline::now() - upload.begun_at > kRequestSecondsMax) {
            return MHD_NO;
        }
        upload.is_too_large =
            upload.is_too_large || upload.body.size() + *piece_size > audit::kAddCheckpointBytesMax;
        if (!upload.is_too_large) {
            upload.body.append(piece, *piece_size);
        }
        *piece_size = 0;
        return MHD_YES;
    }
    if (std::string_view(url) != kPath) {
        return refuse(connection, kNotFound, "expected add-checkpoint\n");
    }
    if (std::string_view(method) != MHD_HTTP_METHOD_POST) {
        return refuse(connection, kWrongMethod, "expected POST\n");
    }
    if (upload.is_too_large) {
        return refuse(connection, kTooLarge, "expected a smaller request\n");
    }
    const WitnessReply reply = static_cast<Witness*>(context)->add_checkpoint(upload.body);
    return send(connection, static_cast<unsigned>(reply.status), reply);
}

void forget(void* /*context*/,
            MHD_Connection* /*connection*/,
            void** state,
            MHD_RequestTerminationCode /*how*/) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): made in handle().
    delete static_cast<Upload*>(*state);
    *state = nullptr;
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view port_text =
        colon == std::string::npos ? std::string_view() : std::string_view(text).substr(colon + 1);
    const std::int64_t port = audit::number_in(port_text).value_or(-1);
    ListenAddress address{text.substr(0, colon), 0};
    in_addr parsed{};
    if (port < 0 || port > UINT16_MAX || ::inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) {
        return Error{
            ErrorKind::usage,
            "expected an address to listen at, such as 127.0.0.1:2025, got '" + text + "'"};
    }
    address.port = static_cast<std::uint16_t>(port);
    return address;
}

struct WitnessServer::Daemon {
    struct Stop {
        void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
    };
    std::unique_ptr<MHD_Daemon, Stop> running;
};

WitnessServer::WitnessServer(Witness& witness, const ListenAddress& address)
    : daemon_(std::make_unique<Daemon>()) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(address.port);
    static_cast<void>(::inet_pton(AF_INET, address.host.c_str(), &place.sin_addr));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libmicrohttpd's interface.
    daemon_->running.reset(MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD,
                                            address.port,
                                            nullptr,
                                            nullptr,
                                            &handle,
                                            &witness,
                                            MHD_OPTION_SOCK_ADDR,
                                            &place,
                                            MHD_OPTION_NOTIFY_COMPLETED,
                                            &forget,
                                            nullptr,
                                            MHD_OPTION_CONNECTION_LIMIT,
                                            kConnectionsMax,
                                            MHD_OPTION_CONNECTION_TIMEOUT,
                                            kIdleSecondsMax,
                                            MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                            kHeaderBytesMax,
                                            MHD_OPTION_END));
    if (daemon_->running == nullptr) {
        throw Failure(ErrorKind::environment,
                      "expected to listen at " + address.host + ':' + std::to_string(address.port) +
                          ": " + std::generic_category().message(errno));
    }
}

WitnessServer::~WitnessServer() = default;

std::uint16_t WitnessServer::port() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libmicrohttpd's interface.
    return MHD_get_daemon_info(daemon_->running.get(), MHD_DAEMON_INFO_BIND_PORT)->port;
}

}  // namespace dcm::anchors
