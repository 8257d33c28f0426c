#include "anchors/key_file.h"

#include "anchors/file_io.h"
#include "base/result.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <array>

namespace dcm::anchors {
namespace {

constexpr std::size_t kSeedBytes = 32;

std::string random_seed() {
    std::string seed(kSeedBytes, '\0');
    // Up to 256 bytes come in one piece.
    if (::getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size())) {
        throw Failure(ErrorKind::environment, "expected random bytes for a new key, got none");
    }
    return seed;
}

void check_mode(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        throw Failure(ErrorKind::environment,
                      "expected a signing key at " + path.string() + ", found none");
    }
    if (!S_ISREG(status.st_mode)) {
        throw Failure(ErrorKind::malformed,
                      "expected an ordinary file with the signing key, got a link or another kind "
                      "of file: " +
                          path.string());
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Failure(
            ErrorKind::malformed,
            "expected a signing key that only its owner can read (chmod 600), others can: " +
                path.string());
    }
}

}  // namespace

audit::SigningKey load_key(const std::filesystem::path& path) {
    check_mode(path);
    std::string text = read_file(path).value_or("");
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    Result<audit::SigningKey> key = audit::SigningKey::parse(text);
    if (!key.ok()) {
        throw Failure(ErrorKind::malformed, key.error().message + ", in " + path.string());
    }
    return std::move(key).value();
}

audit::SigningKey create_key(const std::filesystem::path& path, const std::string& name) {
    audit::SigningKey key = audit::SigningKey::from_seed(name, random_seed());
    create_secret_file(path, key.secret_text() + '\n');
    return key;
}

audit::SigningKey load_or_create_key(const std::filesystem::path& path, const std::string& name) {
    std::error_code missing;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, missing))) {
        return create_key(path, name);
    }
    return load_key(path);
}

}  // namespace dcm::anchors
