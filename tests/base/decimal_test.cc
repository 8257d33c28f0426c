#include "base/decimal.h"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

namespace dcm {
namespace {

Decimal decimal(std::string_view text) {
    const Result<Decimal> parsed = Decimal::parse(text);
    INFO(text);
    REQUIRE(parsed.ok());
    return parsed.value();
}

TEST_CASE("a decimal prints in plain notation without trailing zeros", "[decimal]") {
    struct Row {
        std::string_view text;
        std::string_view printed;
    };
    for (const Row& row : {Row{"0", "0"},
                           {"-0", "0"},
                           {"-0.000", "0"},
                           {"1.500", "1.5"},
                           {"+7", "7"},
                           {"007.10", "7.1"},
                           {"0.000000000001", "0.000000000001"},
                           {"-12.034", "-12.034"},
                           {"100", "100"}}) {
        INFO(row.text);
        CHECK(decimal(row.text).to_string() == row.printed);
    }
}

TEST_CASE("what is no plain decimal is refused", "[decimal]") {
    for (const std::string_view text :
         {"", "-", ".", "1.", ".5", "1e3", "0x1", " 1", "1 ", "1,5", "1.2.3", "--1", "NaN", "١"}) {
        INFO(text);
        CHECK_FALSE(Decimal::parse(text).ok());
    }
}

TEST_CASE("sixty digits are read and sixty-one are refused", "[decimal]") {
    const std::string digits(Decimal::kDigitsMax, '9');
    CHECK(decimal(digits).to_string() == digits);
    CHECK_FALSE(Decimal::parse(digits + "9").ok());
}

TEST_CASE("numbers of every length are read and printed as they are", "[decimal]") {
    for (const std::string_view pattern : {"9", "1234567891", "1000000000000000000000001"}) {
        std::string digits;
        while (digits.size() < Decimal::kDigitsMax) {
            digits += pattern[digits.size() % pattern.size()];
            const std::string printed = decimal(digits).to_string();
            CHECK(printed == digits);
            CHECK(decimal('-' + digits).to_string() == '-' + digits);
            if (digits.size() < Decimal::kDigitsMax && !digits.ends_with('0')) {
                CHECK(decimal("0." + digits).to_string() == "0." + digits);
            }
        }
    }
}

TEST_CASE("sums, differences and products are exact", "[decimal]") {
    CHECK(decimal("0.1") + decimal("0.2") == decimal("0.3"));
    CHECK(decimal("1") - decimal("0.999999999999") == decimal("0.000000000001"));
    CHECK((decimal("0.048") * decimal("0.001944444444")).to_string() == "0.000093333333312");
}

TEST_CASE("a product far beyond 128 bits keeps every digit", "[decimal]") {
    const Decimal large = decimal(std::string(60, '9'));
    // (10^60 − 1)² = 10^120 − 2·10^60 + 1
    CHECK((large * large).to_string() == std::string(59, '9') + "8" + std::string(59, '0') + "1");
}

TEST_CASE("one machine word, two and more make the same arithmetic", "[decimal]") {
    // The bounds of what fits in one word and in two, and neighbours. Beside each pair stands the
    // same pair times 10^40 + 1, which fits in neither.
    const std::vector<std::string> sizes{"0",
                                         "1",
                                         "10",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551610",
                                         "18446744073709551615",
                                         "18446744073709551616",
                                         "100000000000000000000",
                                         "340282366920938463463374607431768211455",
                                         "340282366920938463463374607431768211456"};
    std::vector<Decimal> numbers;
    for (const std::string& size : sizes) {
        for (const unsigned scale : {0U, 1U, 8U, 18U, 19U, 20U}) {
            numbers.emplace_back(BigInt(size), scale);
            numbers.emplace_back(-BigInt(size), scale);
        }
    }
    const Decimal far(boost::multiprecision::pow(BigInt(10), 40) + 1, 0);
    for (const Decimal& left : numbers) {
        for (const Decimal& right : numbers) {
            INFO(left.to_string() << " and " << right.to_string());
            const Decimal far_left = left * far;
            const Decimal far_right = right * far;
            CHECK((left + right) * far == far_left + far_right);
            CHECK((left - right) * far == far_left - far_right);
            CHECK((left * right) * far == left * far_right);
            CHECK((left <=> right) == (far_left <=> far_right));
            CHECK((left + right) - right == left);
        }
    }
}

TEST_CASE("lowest terms have no zero at the end, however large the number", "[decimal]") {
    // 5 and 2 to some power: divisible by one of ten's factors only, in one limb and in several.
    for (const std::string_view whole : {"1",
                                         "5",
                                         "625",
                                         "-32",
                                         "18446744073709551616",
                                         "-95367431640625",
                                         "7000000003",
                                         "340282366920938463463374607431768211456",
                                         "931322574615478515625000000001"}) {
        BigInt coefficient(std::string{whole});
        for (unsigned zeros = 0; zeros <= 90; ++zeros) {
            INFO(whole << " and " << zeros << " zeros");
            const Decimal number(coefficient, zeros + 3);
            CHECK(number.scale() == 3);
            CHECK(number == Decimal(BigInt(std::string{whole}), 3));
            CHECK(Decimal(coefficient, zeros).scale() == 0);
            coefficient *= 10;
        }
    }
}

TEST_CASE("rounding goes as its name says, on both sides of zero", "[decimal]") {
    struct Row {
        std::string_view value;
        std::string_view half_even;
        std::string_view half_up;
    };
    for (const Row& row : {Row{"0.5", "0", "1"},
                           {"1.5", "2", "2"},
                           {"2.5", "2", "3"},
                           {"-0.5", "0", "-1"},
                           {"-1.5", "-2", "-2"},
                           {"-2.5", "-2", "-3"},
                           {"2.49", "2", "2"},
                           {"2.51", "3", "3"},
                           {"-2.51", "-3", "-3"}}) {
        INFO(row.value);
        CHECK(decimal(row.value).rounded(0, Rounding::half_even).to_string() == row.half_even);
        CHECK(decimal(row.value).rounded(0, Rounding::half_up).to_string() == row.half_up);
    }
}

TEST_CASE("a quotient has the asked number of digits", "[decimal]") {
    CHECK(divide(decimal("1"), decimal("3"), 12, Rounding::half_even).to_string() ==
          "0.333333333333");
    CHECK(divide(decimal("2"), decimal("3"), 12, Rounding::half_even).to_string() ==
          "0.666666666667");
    CHECK(divide(decimal("-1"), decimal("8"), 2, Rounding::half_even).to_string() == "-0.12");
    CHECK(divide(decimal("1"), decimal("-8"), 2, Rounding::half_up).to_string() == "-0.13");
    CHECK(divide(decimal("3600"), decimal("0.5"), 0, Rounding::half_even).to_string() == "7200");
}

TEST_CASE("order and equality follow the value, not the spelling", "[decimal]") {
    CHECK(decimal("1.0") == decimal("1"));
    CHECK(decimal("-2") < decimal("-1.99"));
    CHECK(decimal("0.10") <= decimal("0.1"));
    CHECK(decimal("10") > decimal("9.999"));
}

TEST_CASE("printing and parsing give the number back", "[decimal]") {
    const auto seed = Catch::rngSeed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2'000; ++i) {
        const auto whole = static_cast<std::int64_t>(random());
        const Decimal value(BigInt(whole), static_cast<unsigned>(random() % 25));
        CHECK(decimal(value.to_string()) == value);
    }
}

}  // namespace
}  // namespace dcm
