#pragma once

#include <string_view>

namespace dcm::focus {

// Factors and product as the numeric texts of a row.
struct Product {
    std::string_view left;
    std::string_view right;
    std::string_view result;
};

// Whether left × right is the result, to the last digit. What is not a plain decimal is not.
[[nodiscard]] bool is_exact(const Product& product);

}  // namespace dcm::focus
