#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace dcm {
namespace {

std::string lower_case(std::string_view word) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

// Edits that make one word of the other: a letter added, left out or replaced, or two neighbours
// swapped. One row of the table at a time, with the two before it.
std::size_t edit_distance(std::string_view word, std::string_view known) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(known.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
        std::vector<std::size_t> row{i};
        for (std::size_t j = 1; j <= known.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (word[i - 1] == known[j - 1] ? 0 : 1);
            row.push_back(std::min({row[j - 1] + 1, last[j] + 1, replaced}));
            const bool swapped =
                i > 1 && j > 1 && word[i - 1] == known[j - 2] && word[i - 2] == known[j - 1];
            if (swapped) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = std::move(last);
        last = std::move(row);
    }
    return last.back();
}

// Longer words are not compared: the work grows with the square of the length.
constexpr std::size_t kWordBytesMax = 64;

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
    if (word.size() > kWordBytesMax) {
        return {};
    }
    const std::string lower = lower_case(word);
    std::string nearest;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = edit_distance(lower, lower_case(candidate));
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace dcm
