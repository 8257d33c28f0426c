#pragma once

#include "base/result.h"

#include <openssl/evp.h>

#include <memory>

namespace dcm::audit {

// What OpenSSL computes digests and signatures in. For sources of this module only.

struct FreeDigestContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

// OpenSSL fails here only when it cannot load its provider or runs out of memory.
inline void expect_hashed(int status) {
    if (status != 1) {
        throw Failure(ErrorKind::environment, "expected OpenSSL to compute SHA-256, it failed");
    }
}

}  // namespace dcm::audit
