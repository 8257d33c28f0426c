#include "audit/hash_stream.h"

#include "audit/digest_context.h"

#include <openssl/evp.h>

namespace dcm::audit {

struct HashStream::Context {
    DigestContext digest{EVP_MD_CTX_new()};
};

HashStream::HashStream() : context_(std::make_unique<Context>()) {
    expect_hashed(context_->digest != nullptr ? 1 : 0);
    expect_hashed(EVP_DigestInit_ex2(context_->digest.get(), EVP_sha256(), nullptr));
}

HashStream::~HashStream() = default;

void HashStream::add(std::string_view bytes) {
    expect_hashed(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()));
}

Hash HashStream::finish() {
    Hash hash{};
    expect_hashed(EVP_DigestFinal_ex(context_->digest.get(), hash.data(), nullptr));
    return hash;
}

}  // namespace dcm::audit
