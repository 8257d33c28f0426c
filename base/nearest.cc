#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace dcm {
namespace {

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view word, std::string_view known) {
    std::vector<std::size_t> row(known.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < word.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < known.size(); ++j) {
            const std::size_t replaced = diagonal + (word[i] == known[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row.back();
}

// Longer words are not compared: the work grows with the square of the length.
constexpr std::size_t kWordBytesMax = 64;

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
    if (word.size() > kWordBytesMax) {
        return {};
    }
    std::string nearest;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace dcm
