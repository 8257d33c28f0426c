#include "audit/hash.h"

#include "base/encoding.h"
#include "base/result.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>

namespace dcm::audit {
namespace {

constexpr std::string_view kLeafPrefix("\0", 1);
constexpr std::string_view kNodePrefix("\1", 1);

// OpenSSL fails here only when it cannot load its provider or runs out of memory.
void expect_done(int status) {
    if (status != 1) {
        throw Failure(ErrorKind::environment, "expected OpenSSL to compute SHA-256, it failed");
    }
}

struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching looks the provider up by name, which costs more than hashing a record: once is enough.
const EVP_MD* sha256_digest() {
    static const std::unique_ptr<EVP_MD, FreeDigest> digest(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    expect_done(digest != nullptr ? 1 : 0);
    return digest.get();
}

EVP_MD_CTX* thread_context() {
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    expect_done(context != nullptr ? 1 : 0);
    return context.get();
}

}  // namespace

Hash sha256(std::string_view bytes) {
    return sha256({bytes});
}

Hash sha256(std::initializer_list<std::string_view> parts) {
    EVP_MD_CTX* context = thread_context();
    expect_done(EVP_DigestInit_ex2(context, sha256_digest(), nullptr));
    for (const std::string_view part : parts) {
        expect_done(EVP_DigestUpdate(context, part.data(), part.size()));
    }
    Hash hash{};
    expect_done(EVP_DigestFinal_ex(context, hash.data(), nullptr));
    return hash;
}

Hash leaf_hash(std::string_view leaf_data) {
    return sha256({kLeafPrefix, leaf_data});
}

Hash node_hash(const Hash& left, const Hash& right) {
    return sha256({kNodePrefix, hash_bytes(left), hash_bytes(right)});
}

Hash empty_root() {
    return sha256(std::string_view());
}

std::string to_hex(const Hash& hash) {
    return hex_encode(hash);
}

std::string to_base64(const Hash& hash) {
    return base64_encode(hash);
}

std::string_view hash_bytes(const Hash& hash) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::optional<Hash> hash_from_bytes(std::string_view bytes) {
    if (bytes.size() != kHashBytes) {
        return std::nullopt;
    }
    Hash hash{};
    const std::span<const std::uint8_t> source = as_bytes(bytes);
    std::copy(source.begin(), source.end(), hash.begin());
    return hash;
}

}  // namespace dcm::audit
