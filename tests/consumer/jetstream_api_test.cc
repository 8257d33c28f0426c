#include "consumer/jetstream_api.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::consumer {
namespace {

// An object in which lists are nested; so many levels in all.
std::string nested(std::size_t levels) {
    return R"({"name":"s","deep":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') +
           "}";
}

TEST_CASE("an answer is no deeper than what a broker says", "[jetstream_api]") {
    CHECK(text_member(read_answer("s", nested(32)).body, "name") == "s");
    CHECK_THROWS_WITH(read_answer("s", nested(33)), "expected an answer to s of at most 32 levels");
    CHECK_THROWS_WITH(read_answer("s", nested(500'000)),
                      "expected an answer to s of at most 32 levels");
}

TEST_CASE("what is no object is no answer", "[jetstream_api]") {
    for (const char* const text : {"", "[]", "{", "null", "nonsense"}) {
        INFO(text);
        CHECK_THROWS_WITH(read_answer("s", text), "expected a JSON object as the answer to s");
    }
}

}  // namespace
}  // namespace dcm::consumer
