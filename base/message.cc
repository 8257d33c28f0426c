#include "base/message.h"

namespace dcm {

std::string format_position(const BrokerPosition& position) {
    std::string text = position.stream;
    for (const std::int64_t number : {position.created_ns, position.sequence, position.stored_ns}) {
        text += '|';
        text += std::to_string(number);
    }
    return text;
}

}  // namespace dcm
