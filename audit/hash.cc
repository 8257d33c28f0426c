#include "audit/hash.h"

#include "audit/digest_context.h"
#include "base/encoding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>

namespace dcm::audit {
namespace {

constexpr std::string_view kLeafPrefix("\0", 1);
constexpr std::string_view kNodePrefix("\1", 1);

struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

// Fetching looks the provider up by name, which costs more than hashing a record: once is enough.
const EVP_MD* sha256_digest() {
    static const std::unique_ptr<EVP_MD, FreeDigest> digest(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    expect_hashed(digest != nullptr ? 1 : 0);
    return digest.get();
}

EVP_MD_CTX* thread_context() {
    thread_local const DigestContext context(EVP_MD_CTX_new());
    expect_hashed(context != nullptr ? 1 : 0);
    return context.get();
}

}  // namespace

Hash sha256(std::string_view bytes) {
    return sha256({bytes});
}

Hash sha256(std::initializer_list<std::string_view> parts) {
    EVP_MD_CTX* context = thread_context();
    expect_hashed(EVP_DigestInit_ex2(context, sha256_digest(), nullptr));
    for (const std::string_view part : parts) {
        expect_hashed(EVP_DigestUpdate(context, part.data(), part.size()));
    }
    Hash hash{};
    expect_hashed(EVP_DigestFinal_ex(context, hash.data(), nullptr));
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
