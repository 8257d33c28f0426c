#pragma once

#include "billing/event.h"

#include <string>

namespace dcm::consumer {

// Which rule a message failed, and for its publisher what was expected and what came.
struct Fault {
    billing::Reason reason = billing::Reason::bad_json;
    std::string detail;
};

}  // namespace dcm::consumer
