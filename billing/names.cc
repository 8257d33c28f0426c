#include "billing/names.h"

#include <algorithm>
#include <numeric>

namespace dcm::billing {

std::vector<std::uint32_t> Names::ranks() const {
    std::vector<std::uint32_t> numbers(texts_.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    std::sort(numbers.begin(), numbers.end(), [this](std::uint32_t left, std::uint32_t right) {
        return texts_[left] < texts_[right];
    });
    std::vector<std::uint32_t> ranks(numbers.size());
    for (std::uint32_t rank = 0; rank < numbers.size(); ++rank) {
        ranks[numbers[rank]] = rank;
    }
    return ranks;
}

}  // namespace dcm::billing
