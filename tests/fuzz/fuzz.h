#pragma once

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What the fuzz targets share. A target is one file that defines examine(); linked with
// libfuzzer.cc it is a fuzzer, linked with replay.cc a test over its corpus.
namespace dcm::fuzz {

// Examines one input and aborts (DCM_CHECK) when what the target promises does not hold.
void examine(std::string_view bytes);

// Takes an input apart from front to back. An input that is used up gives zeros and empty texts.
class Input {
public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }

    // Up to the next line feed, which is taken too.
    [[nodiscard]] std::string_view line() {
        const std::size_t end = rest_.find('\n');
        const std::string_view taken = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return taken;
    }

    [[nodiscard]] std::string_view text(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    [[nodiscard]] std::uint8_t byte() {
        const std::string_view taken = text(1);
        return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
    }

    [[nodiscard]] std::int64_t number() {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < sizeof bits; ++i) {
            bits = bits << 8U | byte();
        }
        return static_cast<std::int64_t>(bits);
    }

    [[nodiscard]] std::string_view rest() { return text(rest_.size()); }

private:
    std::string_view rest_;
};

}  // namespace dcm::fuzz
