#include "cli/observed_source.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

// Knows of a stream that lost its end, and of one message behind it.
class RewoundSource final : public consumer::MessageSource {
public:
    [[nodiscard]] std::vector<Message> pull(std::size_t /*count_max*/,
                                            std::chrono::milliseconds /*wait*/) override {
        return {};
    }
    void acknowledge(std::span<const Message> /*messages*/) override {}
    void keep(std::span<const Message* const> /*messages*/) override {}
    [[nodiscard]] bool drained() override { return false; }
    [[nodiscard]] std::optional<store::StreamRewind> rewind() override {
        return store::StreamRewind{"dcm-status", 7, 12, 0};
    }
    void rewind_recorded(const std::vector<BrokerPosition>& newest) override { recorded = newest; }
    [[nodiscard]] consumer::StoredMessages first_held(const store::SequenceRange& range) override {
        consumer::StoredMessages none;
        none.looked_to = range.last;
        return none;
    }

    std::vector<BrokerPosition> recorded;
};

TEST_CASE("a source that is observed tells of a stream that lost its end", "[observed]") {
    RewoundSource source;
    FirstReading reading;
    ObservedSource observed(source, reading);
    const auto rewind = observed.rewind();
    REQUIRE(rewind);
    CHECK(rewind->stream == "dcm-status");
    CHECK(observed.first_held({5, 9}).looked_to == 9);
    observed.rewind_recorded({{"dcm-status", 7, 3, 1}});
    REQUIRE(source.recorded.size() == 1);
    CHECK(source.recorded.front().sequence == 3);
}

}  // namespace
}  // namespace dcm::cli
