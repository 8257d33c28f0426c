#pragma once

#include "audit/hash.h"

#include <memory>
#include <string_view>

namespace dcm::audit {

// SHA-256 of bytes that come one after the other.
class HashStream {
public:
    HashStream();
    HashStream(const HashStream&) = delete;
    HashStream& operator=(const HashStream&) = delete;
    ~HashStream();

    void add(std::string_view bytes);
    // Nothing is added afterwards.
    [[nodiscard]] Hash finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace dcm::audit
