#include "consumer/nkey.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace dcm::consumer {
namespace {

// A decoded seed is two prefix bytes (type and role, five bits each), the key and a checksum; a
// public key has one prefix byte. Text is base32 (RFC 4648) without padding.
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t kPrefixSeed = 18U << 3U;  // S
constexpr std::uint8_t kPrefixUser = 20U << 3U;  // U
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSeedBytes = 2 + kKeyBytes + 2;
constexpr std::size_t kSeedCharacters = 58;

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kPolynomial = 0x1021;

// CRC-16/XMODEM, appended low byte first.
std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
    std::uint32_t crc = 0;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<std::uint32_t>(byte) << 8U;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ kPolynomial : crc << 1U;
        }
    }
    return static_cast<std::uint16_t>(crc);
}

// Empty when a character is none of the alphabet.
Bytes base32_decode(std::string_view text) {
    Bytes out;
    std::uint32_t buffer = 0;
    std::uint32_t bits = 0;
    for (const char symbol : text) {
        const std::size_t value = kAlphabet.find(symbol);
        if (value == std::string_view::npos) {
            return {};
        }
        buffer = (buffer << 5U) | static_cast<std::uint32_t>(value);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>(buffer >> bits));
        }
    }
    return out;
}

std::string base32_encode(const Bytes& bytes) {
    std::string out;
    std::uint32_t buffer = 0;
    std::uint32_t bits = 0;
    for (const std::uint8_t byte : bytes) {
        buffer = (buffer << 8U) | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out += kAlphabet[(buffer >> bits) & 31U];
        }
    }
    if (bits > 0) {
        out += kAlphabet[(buffer << (5U - bits)) & 31U];
    }
    return out;
}

struct KeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

}  // namespace

Result<std::string> nkey_public_of_seed(std::string_view seed) {
    const Bytes raw = base32_decode(seed);
    if (seed.size() != kSeedCharacters || raw.size() != kSeedBytes) {
        return malformed("expected an NKey seed of 58 base32 characters");
    }
    const std::span<const std::uint8_t> body(raw.data(), kSeedBytes - 2);
    const auto stated =
        static_cast<std::uint16_t>(raw[kSeedBytes - 2] | (raw[kSeedBytes - 1] << 8));
    if (checksum(body) != stated) {
        return malformed("the NKey seed's checksum is wrong");
    }
    const auto role = static_cast<std::uint8_t>(((raw[0] & 7U) << 5U) | (raw[1] >> 3U));
    if ((raw[0] & 0xF8U) != kPrefixSeed || role != kPrefixUser) {
        return malformed("expected the seed of a user: SU…");
    }
    const std::unique_ptr<EVP_PKEY, KeyDeleter> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw.data() + 2, kKeyBytes));
    std::array<std::uint8_t, kKeyBytes> public_key{};
    std::size_t size = public_key.size();
    if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1) {
        return malformed("OpenSSL makes no Ed25519 key of the NKey seed");
    }
    Bytes out{kPrefixUser};
    out.insert(out.end(), public_key.begin(), public_key.end());
    const std::uint16_t sum = checksum(out);
    out.push_back(static_cast<std::uint8_t>(sum & 0xFFU));
    out.push_back(static_cast<std::uint8_t>(sum >> 8U));
    return base32_encode(out);
}

}  // namespace dcm::consumer
