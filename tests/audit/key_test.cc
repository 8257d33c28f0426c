#include "audit/note.h"
#include "base/encoding.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

// The example of golang.org/x/mod/sumdb/note: keys, text and signature as its documentation has
// them.
const std::string kVerifierText =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kSecretText =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const std::string kSignedText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
const std::string kSignatureText =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

TEST_CASE("the published sumdb/note example verifies and signs to the same bytes", "[key]") {
    const std::string signature = base64_decode(kSignatureText)->substr(4);
    const VerifierKey verifier = VerifierKey::parse(kVerifierText).value();
    CHECK(verifier.name() == "PeterNeumann");
    CHECK(verifier.hash() == 0xc74f20a3U);
    CHECK(verifier.text() == kVerifierText);
    CHECK(verifier.verifies(kSignedText, signature));
    CHECK_FALSE(verifier.verifies(kSignedText + "\n", signature));
    CHECK_FALSE(verifier.verifies(kSignedText, signature.substr(1)));
    CHECK_FALSE(verifier.verifies(kSignedText, signature + "x"));
    CHECK_FALSE(verifier.verifies(kSignedText, ""));

    const SigningKey signer = SigningKey::parse(kSecretText).value();
    CHECK(signer.sign(kSignedText) == signature);
    CHECK(signer.verifier().text() == kVerifierText);
    CHECK(signer.secret_text() == kSecretText);
}

TEST_CASE("no part of a verifier key and no key with one byte changed is a key", "[key]") {
    for (std::size_t start = 0; start <= kVerifierText.size(); ++start) {
        for (std::size_t size = 0; start + size <= kVerifierText.size(); ++size) {
            if (size != kVerifierText.size()) {
                CHECK_FALSE(VerifierKey::parse(kVerifierText.substr(start, size)).ok());
            }
        }
    }
    for (std::size_t i = 0; i < kVerifierText.size(); ++i) {
        std::string text = kVerifierText;
        ++text[i];
        CAPTURE(text);
        CHECK_FALSE(VerifierKey::parse(text).ok());
    }
}

TEST_CASE("keys of another length, algorithm or name are refused", "[key]") {
    for (const char* text :
         {"PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
          "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "PeterNeumann+0c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
          "PeterNeumann+c74f20a3+",
          "++",
          ""}) {
        CAPTURE(text);
        CHECK_FALSE(VerifierKey::parse(text).ok());
    }
}

TEST_CASE("a signing key comes from its seed and back from its secret text", "[key]") {
    const SigningKey key =
        SigningKey::from_seed("example/audit/0123456789abcdef", std::string(32, '\7'));
    const Result<SigningKey> again = SigningKey::parse(key.secret_text());
    REQUIRE(again.ok());
    CHECK(again.value().verifier().text() == key.verifier().text());
    CHECK(again.value().sign("x") == key.sign("x"));
    CHECK(key.verifier().verifies("x", key.sign("x")));
    const SigningKey other = SigningKey::from_seed(key.verifier().name(), std::string(32, '\10'));
    CHECK_FALSE(other.verifier().verifies("x", key.sign("x")));
}

TEST_CASE("a refused signing key is not repeated in the message", "[key]") {
    for (const std::string& text : {kSecretText.substr(1),
                                    kSecretText + "A",
                                    "PRIVATE+KEY+Other+c74f20a3+" + kSecretText.substr(34),
                                    std::string("secret")}) {
        const Result<SigningKey> key = SigningKey::parse(text);
        REQUIRE_FALSE(key.ok());
        CHECK(key.error().message.find(kSecretText.substr(40, 10)) == std::string::npos);
        CHECK(key.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("a key name holds no white space, control or plus", "[key]") {
    CHECK(is_key_name("example.com/audit/0123456789abcdef"));
    CHECK(
        is_key_name("\xC3\xBC"
                    "bung/audit/1"));
    for (const char* name : {"",
                             "a b",
                             "a+b",
                             "a\tb",
                             "a\nb",
                             "a\x01",
                             "\xFF",
                             "a\xC2\xA0",
                             "\xC2\x85",
                             "\xE2\x80\xA8",
                             "\xE3\x80\x80",
                             "\xE2\x80\x80",
                             "\xE2\x80\x8A",
                             "\xE2\x80\xAF",
                             "\xE2\x81\x9F",
                             "\xE1\x9A\x80"}) {
        CAPTURE(name);
        CHECK_FALSE(is_key_name(name));
    }
    CHECK(is_key_name("\xE2\x80\x8B"));
}

}  // namespace
}  // namespace dcm::audit
