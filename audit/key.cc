#include "audit/digest_context.h"
#include "audit/note.h"
#include "base/check.h"
#include "base/encoding.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kKeyHashDigits = 8;
// Before the signature of a witness stands the time, in seconds, big-endian.
constexpr std::size_t kTimeBytes = 8;
constexpr std::string_view kSecretPrefix = "PRIVATE+KEY+";

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

void expect_done(bool done) {
    if (!done) {
        throw Failure(ErrorKind::environment, "expected OpenSSL to compute Ed25519, it failed");
    }
}

Key private_key(std::string_view seed) {
    Key key(EVP_PKEY_new_raw_private_key_ex(
        nullptr, "ED25519", nullptr, as_bytes(seed).data(), seed.size()));
    expect_done(key != nullptr);
    return key;
}

std::string public_key_of(std::string_view seed) {
    const Key key = private_key(seed);
    std::array<std::uint8_t, kKeyBytes> bytes{};
    std::size_t size = bytes.size();
    expect_done(EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1);
    return {bytes.begin(), bytes.end()};
}

std::string hash_text(std::uint32_t hash) {
    const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(hash >> 24U),
                                            static_cast<std::uint8_t>(hash >> 16U),
                                            static_cast<std::uint8_t>(hash >> 8U),
                                            static_cast<std::uint8_t>(hash)};
    return hex_encode(bytes);
}

// `<name>+<hash>+<base64(algorithm byte || key)>`, the shape of both forms of a key.
struct KeyText {
    std::string name;
    std::uint32_t hash = 0;
    KeyAlgorithm algorithm = KeyAlgorithm::note;
    std::string key;
};

std::optional<KeyAlgorithm> algorithm_of(char byte) {
    for (const KeyAlgorithm known : {KeyAlgorithm::note, KeyAlgorithm::cosignature}) {
        if (byte == static_cast<char>(known)) {
            return known;
        }
    }
    return std::nullopt;
}

std::optional<KeyText> parse_key_text(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    KeyText parsed;
    parsed.name = text.substr(0, first);
    const std::string_view digits = text.substr(first + 1, second - first - 1);
    const std::optional<std::string> hash = hex_decode(digits);
    const std::optional<std::string> key = base64_decode(text.substr(second + 1));
    if (!is_key_name(parsed.name) || !hash || digits.size() != kKeyHashDigits || !key ||
        key->size() != 1 + kKeyBytes) {
        return std::nullopt;
    }
    const std::optional<KeyAlgorithm> algorithm = algorithm_of(key->front());
    if (!algorithm) {
        return std::nullopt;
    }
    for (const std::uint8_t byte : as_bytes(*hash)) {
        parsed.hash = (parsed.hash << 8U) | byte;
    }
    parsed.algorithm = *algorithm;
    parsed.key = key->substr(1);
    return parsed;
}

std::string with_algorithm(KeyAlgorithm algorithm, std::string_view key) {
    return static_cast<char>(algorithm) + std::string(key);
}

std::uint32_t key_hash(std::string_view name, std::string_view key_bytes) {
    const Hash digest = sha256({name, "\n", key_bytes});
    std::uint32_t hash = 0;
    for (std::size_t i = 0; i < sizeof(hash); ++i) {
        hash = (hash << 8U) | digest[i];
    }
    return hash;
}

std::string base64_key(KeyAlgorithm algorithm, std::string_view key) {
    return base64_encode(as_bytes(with_algorithm(algorithm, key)));
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of RFC 8032.
bool verifies_bytes(std::string_view public_key,
                    std::string_view message,
                    std::string_view signature) {
    const Key key(EVP_PKEY_new_raw_public_key_ex(
        nullptr, "ED25519", nullptr, as_bytes(public_key).data(), public_key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    expect_done(key != nullptr && context != nullptr);
    expect_done(EVP_DigestVerifyInit_ex(
                    context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1);
    return EVP_DigestVerify(context.get(),
                            as_bytes(signature).data(),
                            signature.size(),
                            as_bytes(message).data(),
                            message.size()) == 1;
}

// The time before a witness's signature; nullopt when there is none, or it is beyond 2^63 - 1.
std::optional<CosignedAt> time_before(std::string_view signature) {
    if (signature.size() < kTimeBytes) {
        return std::nullopt;
    }
    std::uint64_t seconds = 0;
    for (const std::uint8_t byte : as_bytes(signature.substr(0, kTimeBytes))) {
        seconds = (seconds << 8U) | byte;
    }
    const auto time = static_cast<std::int64_t>(seconds);
    return time >= 0 ? std::optional(CosignedAt{time}) : std::nullopt;
}

}  // namespace

VerifierKey::VerifierKey(std::string name, KeyAlgorithm algorithm, std::string public_key)
    : name_(std::move(name)),
      algorithm_(algorithm),
      hash_(key_hash(name_, with_algorithm(algorithm, public_key))),
      public_key_(std::move(public_key)) {}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
    std::optional<KeyText> parsed = parse_key_text(text);
    if (!parsed) {
        return malformed(
            "expected an Ed25519 verifier key `<name>+<8 hex digits>+<base64>`, got another text");
    }
    VerifierKey key(std::move(parsed->name), parsed->algorithm, std::move(parsed->key));
    if (key.hash() != parsed->hash) {
        return malformed("expected the verifier key's hash to be " + hash_text(key.hash()) +
                         ", got " + hash_text(parsed->hash));
    }
    return key;
}

std::string VerifierKey::text() const {
    return name_ + "+" + hash_text(hash_) + "+" + base64_key(algorithm_, public_key_);
}

bool VerifierKey::verifies(std::string_view message, std::string_view signature) const {
    if (algorithm_ == KeyAlgorithm::note) {
        return verifies_bytes(public_key_, message, signature);
    }
    return cosigned_at(message, signature).has_value();
}

std::optional<CosignedAt> VerifierKey::cosigned_at(std::string_view message,
                                                   std::string_view signature) const {
    const std::optional<CosignedAt> time =
        algorithm_ == KeyAlgorithm::cosignature ? time_before(signature) : std::nullopt;
    const bool is_signed =
        time &&
        verifies_bytes(public_key_, cosigned_text(message, *time), signature.substr(kTimeBytes));
    return is_signed ? time : std::nullopt;
}

SigningKey::SigningKey(VerifierKey verifier, std::string seed)
    : verifier_(std::move(verifier)), seed_(std::move(seed)) {}

SigningKey SigningKey::from_seed(std::string name, std::string_view seed) {
    DCM_CHECK(seed.size() == kKeyBytes && is_key_name(name));
    return {VerifierKey(std::move(name), KeyAlgorithm::note, public_key_of(seed)),
            std::string(seed)};
}

// No message repeats any of the text: it is a secret.
Result<SigningKey> SigningKey::parse(std::string_view text) {
    std::optional<KeyText> parsed;
    if (text.starts_with(kSecretPrefix)) {
        parsed = parse_key_text(text.substr(kSecretPrefix.size()));
    }
    if (!parsed || parsed->algorithm != KeyAlgorithm::note) {
        return malformed(
            "expected a signing key `PRIVATE+KEY+<name>+<8 hex digits>+<base64>`, got another "
            "text");
    }
    SigningKey key = from_seed(std::move(parsed->name), parsed->key);
    if (key.verifier().hash() != parsed->hash) {
        return malformed("expected the signing key's hash to fit its name and key, it does not");
    }
    return key;
}

VerifierKey SigningKey::cosigner() const {
    return {verifier_.name(), KeyAlgorithm::cosignature, verifier_.public_key_};
}

std::string SigningKey::secret_text() const {
    return std::string(kSecretPrefix) + verifier_.name() + "+" + hash_text(verifier_.hash()) + "+" +
           base64_key(KeyAlgorithm::note, seed_);
}

std::string SigningKey::sign(std::string_view message) const {
    const Key key = private_key(seed_);
    const DigestContext context(EVP_MD_CTX_new());
    expect_done(context != nullptr);
    expect_done(EVP_DigestSignInit_ex(
                    context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1);
    std::array<std::uint8_t, kSignatureBytes> signature{};
    std::size_t size = signature.size();
    expect_done(
        EVP_DigestSign(
            context.get(), signature.data(), &size, as_bytes(message).data(), message.size()) == 1);
    return {signature.begin(), signature.end()};
}

}  // namespace dcm::audit
