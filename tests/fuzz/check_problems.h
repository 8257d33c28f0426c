#pragma once

#include "base/encoding.h"
#include "rules/parse.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <span>
#include <string>

namespace dcm::fuzz {

// Whether every problem says something, on one line that a terminal can show, at a place that a
// file has; in the order of places.
inline void check_problems(std::span<const rules::Problem> problems) {
    for (const rules::Problem& problem : problems) {
        const std::string text = rules::format_problem(problem);
        DCM_CHECK(!problem.message.empty() && is_utf8(text));
        DCM_CHECK(std::none_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        }));
        DCM_CHECK(problem.line >= 1 && problem.column >= 1);
    }
}

}  // namespace dcm::fuzz
