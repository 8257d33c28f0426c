#pragma once

#include <cstddef>
#include <string>

namespace dcm::store {

// Salts from the cryptographic random generator, fetched many at a time.
class SaltSource {
public:
    // Fetches so many in advance: as many next() do not throw.
    void reserve(std::size_t count);
    // Puts the next kSaltBytes into `salt`. Throws Failure (environment) when the generator fails.
    void next(std::string& salt);

private:
    std::string bytes_;
    std::size_t used_ = 0;
};

}  // namespace dcm::store
