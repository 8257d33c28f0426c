#include "billing/price_model.h"

#include "case_book.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

rules::Rate rate_with(const std::string& members) {
    return book_with("  - {id: r, match: {service_type: vm}, unit: hour, " + members + "}\n")
        .rates.at(0);
}

TEST_CASE("each model prices the sum of a period at its edges", "[price]") {
    const std::string graduated =
        R"(tiers: {mode: graduated, steps: [{up_to: "10", price: "2", flat: "5"}, {up_to: "20", price: "1", flat: "3"}, {price: "0.5"}]})";
    const std::string volume =
        R"(tiers: {mode: volume, steps: [{up_to: "10", price: "2", flat: "5"}, {up_to: "20", price: "1", flat: "3"}, {price: "0.5"}]})";
    const std::string package = R"(tiers: {mode: package, size: "2.5", price: "3"})";
    struct Row {
        std::string rate;
        std::string_view quantity;
        std::string_view cost;
    };
    for (const Row& row : {
             Row{R"(price: "1.5")", "0", "0"},
             {R"(price: "1.5")", "3", "4.5"},
             {R"(price: "1.5", free: "3")", "3", "0"},
             {R"(price: "1.5", free: "3")", "3.000000000001", "0.0000000000015"},
             {graduated, "0", "0"},
             {graduated, "0.000000000001", "5.000000000002"},
             {graduated, "10", "25"},
             {graduated, "10.000000000001", "28.000000000001"},
             {graduated, "20", "38"},
             {graduated, "30", "43"},
             {graduated + R"(, free: "10")", "20", "25"},
             {volume, "0", "0"},
             {volume, "10", "25"},
             {volume, "10.000000000001", "13.000000000001"},
             {volume, "20", "23"},
             {volume, "20.000000000002", "10.000000000001"},
             {volume + R"(, free: "10")", "20", "25"},
             {package, "0", "0"},
             {package, "0.000000000001", "3"},
             {package, "2.5", "3"},
             {package, "2.500000000001", "6"},
             {package, "1000000000000000000000000", "1200000000000000000000000"},
             {R"(price: "2", discount: "12.5%")", "3", "5.25"},
             {R"(price: "2", maximum_spend: "5")", "2.5", "5"},
             {R"(price: "2", maximum_spend: "5")", "2.6", "5"},
             {R"(price: "2", discount: "50%", maximum_spend: "5")", "4", "4"},
             {R"(price: "2", minimum_spend: "5")", "2", "4"},
         }) {
        INFO(row.rate << " at " << row.quantity);
        const rules::Rate rate = rate_with(row.rate);
        CHECK(PriceModel(rate).cost_until(decimal(row.quantity)).to_string() == row.cost);
    }
}

TEST_CASE("the minimum spend asks for what is missing, up to the maximum", "[price]") {
    struct Row {
        std::string rate;
        std::string_view total;
        std::string_view missing;
    };
    for (const Row& row : {Row{R"(price: "1")", "0", "0"},
                           {R"(price: "1", minimum_spend: "5")", "4.99", "0.01"},
                           {R"(price: "1", minimum_spend: "5")", "5", "0"},
                           {R"(price: "1", minimum_spend: "5")", "5.01", "0"},
                           {R"(price: "1", minimum_spend: "5", maximum_spend: "6")", "1", "4"}}) {
        INFO(row.rate << " at " << row.total);
        const rules::Rate rate = rate_with(row.rate);
        CHECK(PriceModel(rate).missing_to_minimum(decimal(row.total)).to_string() == row.missing);
    }
    rules::Rate rate = rate_with(R"(price: "1", minimum_spend: "5")");
    rate.maximum_spend = decimal("3");
    CHECK(PriceModel(rate).missing_to_minimum(decimal("1")).to_string() == "2");
}

TEST_CASE("a unit price is told where every line stands alone", "[price]") {
    struct Row {
        std::string rate;
        std::string_view price;
    };
    for (const Row& row : {Row{R"(price: "1.5")", "1.5"},
                           {R"(price: "2", discount: "25%")", "1.5"},
                           {R"(price: "1.5", granularity: 1h, minimum: 1d)", "1.5"},
                           {R"(price: "1.5", free: "1")", ""},
                           {R"(price: "1.5", minimum_spend: "1")", ""},
                           {R"(price: "1.5", maximum_spend: "1")", ""},
                           {R"(tiers: {mode: package, size: "1", price: "1"})", ""}}) {
        INFO(row.rate);
        const rules::Rate rate = rate_with(row.rate);
        const std::optional<Decimal> price = PriceModel(rate).unit_price();
        CHECK((price.has_value() ? price->to_string() : "") == row.price);
    }
}

}  // namespace
}  // namespace dcm::billing
