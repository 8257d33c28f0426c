#include "cli/service_actor.h"

#include <unistd.h>

#include <array>

namespace dcm::cli {

std::string service_actor() {
    std::array<char, 256> host{};
    static_cast<void>(::gethostname(host.data(), host.size() - 1));  // unnamed is fine
    return "svc:" + std::string(host.data()) + '/' + std::to_string(::getpid());
}

}  // namespace dcm::cli
