#include "consumer/source_review.h"

#include "consumer/ingest.h"
#include "tests/support/log_key.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <map>
#include <utility>

namespace dcm::consumer {
namespace {

// A stream as the broker would describe it, and nothing that is delivered from it.
class DescribedStream final : public MessageSource {
public:
    explicit DescribedStream(store::SourceState state) : state_(std::move(state)) {}

    // No JSON: a rejected message is one, too.
    void hold(std::int64_t sequence) {
        Message message;
        message.subject = "dcm.vm";
        message.payload = std::to_string(sequence);
        message.stream_seq = sequence;
        message.position = BrokerPosition{state_.stream, state_.created_ns, sequence, 1};
        held_[sequence] = message;
    }
    void refuse(std::int64_t from) { refused_from_ = from; }

    void go_away() { is_away_ = true; }

    [[nodiscard]] std::vector<Message> pull(std::size_t /*count_max*/,
                                            std::chrono::milliseconds /*wait*/) override {
        if (is_away_) {
            throw Failure(ErrorKind::environment, "away");
        }
        return {};
    }
    void acknowledge(std::span<const Message> /*messages*/) override {}
    void keep(std::span<const Message* const> /*messages*/) override {}
    [[nodiscard]] bool drained() override { return true; }
    [[nodiscard]] std::optional<store::SourceState> state() override { return state_; }
    [[nodiscard]] StoredMessages fetch(const store::SequenceRange& range,
                                       std::size_t count_max) override {
        ++fetches_;
        StoredMessages found;
        found.looked_to = range.last;
        for (auto next = held_.lower_bound(range.first);
             next != held_.end() && next->first <= range.last;
             ++next) {
            if (next->first >= refused_from_) {
                found.looked_to = refused_from_ - 1;
                found.refusal = "no permission";
                return found;
            }
            found.messages.push_back(next->second);
            if (found.messages.size() == count_max) {
                found.looked_to = next->first;
                return found;
            }
        }
        return found;
    }
    [[nodiscard]] StoredMessages first_held(const store::SequenceRange& range) override {
        return fetch(range, 1);
    }
    [[nodiscard]] std::optional<store::StreamRewind> rewind() override {
        return std::exchange(rewind_, std::nullopt);
    }
    // Others are in place of what it held, from there on.
    void lose_from(std::int64_t sequence) {
        for (auto& [held_sequence, message] : held_) {
            message.position->stored_ns += held_sequence >= sequence ? 1 : 0;
        }
        rewind_ = store::StreamRewind{
            state_.stream, state_.created_ns, state_.last_sequence, state_.first_sequence - 1};
    }
    [[nodiscard]] int fetches() const { return fetches_; }

private:
    store::SourceState state_;
    std::map<std::int64_t, Message> held_;
    std::int64_t refused_from_ = INT64_MAX;
    std::optional<store::StreamRewind> rewind_;
    bool is_away_ = false;
    int fetches_ = 0;
};

store::SourceState described(std::int64_t first_sequence, std::int64_t last_sequence) {
    store::SourceState state;
    state.stream = "dcm-status";
    state.created_ns = 1;
    state.durable = "dcm-billing";
    state.first_sequence = first_sequence;
    state.last_sequence = last_sequence;
    state.settled_to = last_sequence;
    state.untouched = true;
    return state;
}

struct ReviewFixture {
    support::TempDir directory;
    support::ManualClock clock{Instant{1'780'000'000'000'000}};
    rules::Lifecycle lifecycle = rules::standard_lifecycle();
    store::Database database = store::Database::open_for_writing({directory.path() / "billing.db"});
    audit::SigningKey key = support::log_key(database);
    store::IngestStore store{
        database, lifecycle, key, clock, {"svc:test/1", "sha256:b1", "version: 1\n"}};

    ReviewOutcome review(DescribedStream& stream) {
        return review_source(stream, store, lifecycle, {});
    }
};

TEST_CASE("what the stream holds is recorded, what it has lost is told", "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(3, 9));
    for (const std::int64_t sequence : {3, 4, 6, 7, 9}) {
        stream.hold(sequence);
    }
    const ReviewOutcome outcome = fixture.review(stream);
    CHECK(outcome.worked);
    CHECK(outcome.counts.received == 5);
    CHECK(fixture.store.take_warnings().size() == 3);  // 1-2, 5, 8
    CHECK(fixture.store.log_size() == 8);
    CHECK_FALSE(fixture.review(stream).worked);
    CHECK(stream.fetches() == 1);
}

TEST_CASE("what the stream has discarded is not asked for", "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(10, 9));
    CHECK(fixture.review(stream).worked);
    CHECK(stream.fetches() == 0);
    CHECK(fixture.store.take_warnings().size() == 1);
}

TEST_CASE("one review fetches a bounded number, the next ones go on", "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(1, 600));
    for (std::int64_t sequence = 1; sequence <= 600; ++sequence) {
        stream.hold(sequence);
    }
    CHECK(fixture.review(stream).counts.received == 250);
    CHECK(fixture.review(stream).counts.received == 250);
    CHECK(fixture.review(stream).counts.received == 100);
    CHECK_FALSE(fixture.review(stream).worked);
    CHECK(fixture.store.take_warnings().empty());
}

TEST_CASE("what the broker does not give out is told as unrecorded", "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(1, 5));
    for (const std::int64_t sequence : {1, 2, 4, 5}) {
        stream.hold(sequence);
    }
    stream.refuse(4);
    CHECK(fixture.review(stream).counts.received == 2);
    const auto warnings = fixture.store.take_warnings();
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("sequence 3 ") != std::string::npos);
    CHECK(warnings[1].find("sequences 4 to 5") != std::string::npos);
    CHECK(warnings[1].find("unrecorded") != std::string::npos);
    CHECK_FALSE(fixture.review(stream).worked);
}

TEST_CASE("fault 70: after a lost end as much counts as the broker is seen to hold of it",
          "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(3, 9));
    for (std::int64_t sequence = 3; sequence <= 9; ++sequence) {
        stream.hold(sequence);
    }
    CHECK(fixture.review(stream).worked);
    static_cast<void>(fixture.store.take_warnings());
    stream.lose_from(7);
    std::string same_to = "up to sequence 6,";
    SECTION("it gives out messages") {}
    SECTION("it gives out none") {
        stream.refuse(1);
        same_to = "up to sequence 2,";
    }
    CHECK(fixture.review(stream).worked);
    const auto warnings = fixture.store.take_warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find(same_to) != std::string::npos);
}

TEST_CASE("where a durable begins is noted before the first message is asked for",
          "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(1, 0));
    stream.go_away();
    Ingest ingest(stream, fixture.store, fixture.lifecycle, {});
    const std::atomic<bool> stop = false;
    CHECK_THROWS_AS(ingest.step(stop), Failure);
    const auto accounted = fixture.store.accounted({"dcm-status", "dcm-billing"});
    REQUIRE(accounted.size() == 1);
    CHECK(accounted.front().sequence == 0);
}

TEST_CASE("the loop counts what was fetched and ends when nothing is missing", "[source_review]") {
    ReviewFixture fixture;
    DescribedStream stream(described(1, 300));
    for (std::int64_t sequence = 1; sequence <= 300; ++sequence) {
        stream.hold(sequence);
    }
    IngestSettings settings;
    std::vector<std::int64_t> reviewed;  // what was recorded by then
    settings.on_reviewed = [&] { reviewed.push_back(fixture.store.log_size()); };
    Ingest ingest(stream, fixture.store, fixture.lifecycle, settings);
    int rounds = 0;
    while (!ingest.drained()) {
        ++rounds;
    }
    CHECK(rounds == 2);
    CHECK(reviewed == std::vector<std::int64_t>{300});
    CHECK(ingest.totals().received == 300);
}

}  // namespace
}  // namespace dcm::consumer
