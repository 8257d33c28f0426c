#pragma once

#include "reference_case.h"

#include <cstdint>

namespace dcm::reference {

// So many random cases a property is held against.
inline constexpr std::uint64_t kPropertyCases = 400;

// A random book, fleet and question with many coincidences: few instants, few words, small limits.
[[nodiscard]] Case random_case(std::uint64_t seed);

// DCM_SEED of the environment, or a fresh one.
[[nodiscard]] std::uint64_t seed_of_run();

// Random choices by a seed.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next();
    [[nodiscard]] std::int64_t below(std::int64_t limit);
    [[nodiscard]] bool one_in(std::int64_t count) { return below(count) == 0; }
    [[nodiscard]] std::string one_of(const std::vector<std::string>& words);
    // Up to 12 decimals, not negative.
    [[nodiscard]] Amount amount(std::int64_t limit);
    [[nodiscard]] Amount positive(std::int64_t limit);

private:
    std::uint64_t state_;
};

// Where a stretch of time is cut.
struct CutChoice {
    Micros from = 0;
    Micros to = 0;
    std::int64_t between_max = 0;
};
// Ascending, with both ends.
[[nodiscard]] std::vector<Micros> random_cuts(Chance& chance, const CutChoice& choice);

[[nodiscard]] Tiers random_tiers(Chance& chance, const std::string& mode);

}  // namespace dcm::reference
