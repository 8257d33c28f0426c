#include "consumer/nkey.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

// The pair from the public documentation of NATS' NKey authentication.
constexpr std::string_view kSeed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr std::string_view kPublic = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

TEST_CASE("the public key follows from a user's seed", "[nkey]") {
    const auto key = nkey_public_of_seed(kSeed);
    REQUIRE(key.ok());
    CHECK(key.value() == kPublic);
}

TEST_CASE("what is no user seed is refused without repeating it", "[nkey]") {
    std::string damaged(kSeed);
    damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
    const std::string text = GENERATE_COPY(as<std::string>{},
                                           "",
                                           "SU",
                                           std::string(kPublic),
                                           damaged,
                                           std::string(kSeed) + "A",
                                           "su" + std::string(kSeed).substr(2));
    CAPTURE(text);
    const auto key = nkey_public_of_seed(text);
    REQUIRE_FALSE(key.ok());
    CHECK((text.empty() || key.error().message.find(text) == std::string::npos || text == "SU"));
}

}  // namespace
}  // namespace dcm::consumer
