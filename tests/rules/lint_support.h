#pragma once

#include "rules/lint.h"
#include "tests/rules/support.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

using Lint = std::function<void(const PlacedBook&, Problems&)>;

// What the lint says of a book in block style, whose `rest` begins in line 4, and of its resource
// file owners.csv. Fails the test when the book has an error.
[[nodiscard]] std::vector<Problem> lint_with(const Lint& lint,
                                             const std::string& rest,
                                             std::string_view owners = {});

// Fails the test unless the lint warns of exactly these, in this order.
void check_warnings(const Lint& lint,
                    const std::string& rest,
                    const std::vector<Expected>& expected,
                    std::string_view owners = {});

}  // namespace dcm::rules
