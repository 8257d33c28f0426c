#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dcm::billing {

// Gives equal texts one number, and keeps the text: millions of lines name few tenants.
class Names {
public:
    Names() = default;
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    ~Names() = default;

    // Numbers count from 0 in the order of first mention.
    [[nodiscard]] std::uint32_t number_of(std::string_view text) {
        if (!texts_.empty() && texts_[latest_] == text) {
            return latest_;
        }
        const auto found = numbers_.find(text);
        if (found != numbers_.end()) {
            latest_ = found->second;
            return latest_;
        }
        latest_ = static_cast<std::uint32_t>(texts_.size());
        texts_.emplace_back(text);
        numbers_.emplace(texts_.back(), latest_);
        return latest_;
    }

    // By number: the place of the name among all, in the order of their bytes.
    [[nodiscard]] std::vector<std::uint32_t> ranks() const;

    // Lives as long as this.
    [[nodiscard]] std::string_view text_of(std::uint32_t number) const { return texts_[number]; }
    [[nodiscard]] std::string_view keep(std::string_view text) { return text_of(number_of(text)); }

private:
    std::deque<std::string> texts_;  // never moves what it holds
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
    std::uint32_t latest_ = 0;
};

}  // namespace dcm::billing
