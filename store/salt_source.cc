#include "store/salt_source.h"

#include "base/result.h"
#include "store/event_record.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::size_t kSaltsAtOnce = 1'024;

}  // namespace

void SaltSource::reserve(std::size_t count) {
    if (bytes_.size() - used_ >= count * kSaltBytes) {
        return;
    }
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.assign(std::max(count, kSaltsAtOnce) * kSaltBytes, '\0');
    used_ = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
    auto* const buffer = reinterpret_cast<unsigned char*>(bytes_.data());
    if (RAND_bytes(buffer, static_cast<int>(bytes_.size())) != 1) {
        bytes_.clear();
        throw Failure(ErrorKind::environment, "the random generator gives no bytes");
    }
}

void SaltSource::next(std::string& salt) {
    reserve(1);
    salt.assign(bytes_, used_, kSaltBytes);
    // A salt that was erased from the database must not remain here.
    OPENSSL_cleanse(bytes_.data() + used_, kSaltBytes);
    used_ += kSaltBytes;
}

}  // namespace dcm::store
