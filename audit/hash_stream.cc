#include "audit/hash_stream.h"

#include "base/result.h"

#include <openssl/evp.h>

namespace dcm::audit {
namespace {

// OpenSSL fails here only when it cannot load its provider or runs out of memory.
void expect_done(int status) {
    if (status != 1) {
        throw Failure(ErrorKind::environment, "expected OpenSSL to compute SHA-256, it failed");
    }
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct HashStream::Context {
    std::unique_ptr<EVP_MD_CTX, FreeContext> digest{EVP_MD_CTX_new()};
};

HashStream::HashStream() : context_(std::make_unique<Context>()) {
    expect_done(context_->digest != nullptr ? 1 : 0);
    expect_done(EVP_DigestInit_ex2(context_->digest.get(), EVP_sha256(), nullptr));
}

HashStream::~HashStream() = default;

void HashStream::add(std::string_view bytes) {
    expect_done(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()));
}

Hash HashStream::finish() {
    Hash hash{};
    expect_done(EVP_DigestFinal_ex(context_->digest.get(), hash.data(), nullptr));
    return hash;
}

}  // namespace dcm::audit
