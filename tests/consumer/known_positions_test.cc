#include "consumer/known_positions.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

BrokerPosition position_of(std::int64_t created_ns, std::int64_t sequence) {
    return {"dcm-status", created_ns, sequence, 1};
}

std::vector<std::int64_t> sequences(const KnownPositions& known, std::int64_t created_ns) {
    std::vector<std::int64_t> all;
    for (const BrokerPosition& one : known.of(created_ns)) {
        all.push_back(one.sequence);
    }
    return all;
}

TEST_CASE("of the recorded messages those farther back are known ever farther apart",
          "[known_positions]") {
    const std::int64_t batch = GENERATE(1, 7, 100);
    KnownPositions known;
    std::vector<BrokerPosition> recorded;
    for (std::int64_t sequence = 1; sequence <= 10'000; ++sequence) {
        recorded.push_back(position_of(1, sequence));
        if (sequence % batch == 0 || sequence == 10'000) {
            known.add(recorded);
            recorded.clear();
        }
    }
    const std::vector<std::int64_t> all = sequences(known, 1);
    CHECK(all.size() < 40);
    CHECK(all.front() == 1);
    CHECK(all.back() == 10'000);
    for (std::size_t index = 1; index < all.size(); ++index) {
        CHECK(10'000 - all[index - 1] <= 2 * (10'000 - all[index]) + 1);
    }
}

TEST_CASE("what is known of a stream is kept while another one of the name is read",
          "[known_positions]") {
    KnownPositions known({position_of(2, 9), position_of(1, 5), position_of(1, 4)});
    known.add(std::vector{position_of(3, 1), position_of(2, 10)});
    CHECK(sequences(known, 1) == std::vector<std::int64_t>{4, 5});
    CHECK(sequences(known, 2) == std::vector<std::int64_t>{9, 10});
    CHECK(sequences(known, 3) == std::vector<std::int64_t>{1});
    CHECK(known.of(4).empty());
    known.add(std::vector{position_of(1, 5), position_of(1, 3)});
    CHECK(sequences(known, 1) == std::vector<std::int64_t>{4, 5});
}

}  // namespace
}  // namespace dcm::consumer
