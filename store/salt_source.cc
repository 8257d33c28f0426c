#include "store/salt_source.h"

#include "base/result.h"
#include "store/event_record.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace dcm::store {
namespace {

constexpr std::size_t kSaltsAtOnce = 1'024;

}  // namespace

void SaltSource::next(std::string& salt) {
    if (used_ == bytes_.size()) {
        bytes_.resize(kSaltsAtOnce * kSaltBytes);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
        auto* const buffer = reinterpret_cast<unsigned char*>(bytes_.data());
        if (RAND_bytes(buffer, static_cast<int>(bytes_.size())) != 1) {
            bytes_.clear();
            used_ = 0;
            throw Failure(ErrorKind::environment, "the random generator gives no bytes");
        }
        used_ = 0;
    }
    salt.assign(bytes_, used_, kSaltBytes);
    // A salt that was erased from the database must not remain here.
    OPENSSL_cleanse(bytes_.data() + used_, kSaltBytes);
    used_ += kSaltBytes;
}

}  // namespace dcm::store
