#include "base/nearest.h"

#include <catch2/catch.hpp>

#include <vector>

namespace dcm {
namespace {

TEST_CASE("the nearest known word is found when one is near", "[nearest]") {
    const std::vector<std::string> known{"timezone", "currency", "rates", "id"};
    CHECK(nearest_word("timezne", known) == "timezone");
    CHECK(nearest_word("curency", known) == "currency");
    CHECK(nearest_word("rate", known) == "rates");
    CHECK(nearest_word("if", known) == "id");
    const std::vector<std::string> swapped{"tls", "url"};
    CHECK(nearest_word("ulr", swapped) == "url");
}

TEST_CASE("a word in another case is the same word", "[nearest]") {
    const std::vector<std::string> known{"EUC", "EUR", "Europe/Berlin", "RUNNING"};
    CHECK(nearest_word("eur", known) == "EUR");
    CHECK(nearest_word("running", known) == "RUNNING");
    CHECK(nearest_word("EUROPE/BERLN", known) == "Europe/Berlin");
}

TEST_CASE("a word that is like none has no nearest word", "[nearest]") {
    const std::vector<std::string> known{"timezone", "currency"};
    CHECK(nearest_word("heartbeats", known).empty());
    CHECK(nearest_word(std::string(65, 't'), known).empty());
    CHECK(nearest_word("", known).empty());
}

}  // namespace
}  // namespace dcm
