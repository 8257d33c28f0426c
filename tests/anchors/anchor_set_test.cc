#include "anchors/anchor_set.h"

#include "tests/support/manual_clock.h"
#include "tests/support/refused_call.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcm::anchors {
namespace {

const audit::SigningKey& test_key() {
    static const audit::SigningKey key = audit::SigningKey::from_seed("test", std::string(32, 'k'));
    return key;
}

SignedCheckpoint checkpoint_of_size(std::int64_t size) {
    const audit::Checkpoint checkpoint{"test", size, {}};
    return {checkpoint, audit::sign_checkpoint(checkpoint, test_key()), test_key().verifier()};
}

// What a test arranges with its anchors and sees of them.
struct Script {
    std::string trouble;  // thrown while there is one
    bool diverged = false;
    std::vector<std::int64_t> kept;
    std::vector<std::string> warnings;
    int calls = 0;
    std::shared_future<void> gate;  // waited for, where there is one
};

class ScriptedAnchor final : public Anchor {
public:
    ScriptedAnchor(Script& script, bool is_remote) : script_(script), is_remote_(is_remote) {}

    [[nodiscard]] std::string name() const override { return "scripted"; }
    [[nodiscard]] bool is_remote() const override { return is_remote_; }
    void keep(const SignedCheckpoint& checkpoint) override {
        ++script_.calls;
        if (script_.gate.valid()) {
            script_.gate.wait();
        }
        if (script_.diverged) {
            throw Diverged("another history");
        }
        if (!script_.trouble.empty()) {
            throw Failure(ErrorKind::environment, script_.trouble);
        }
        script_.kept.push_back(checkpoint.checkpoint.size);
    }
    [[nodiscard]] std::optional<AnchorContent> read() override { return std::nullopt; }
    [[nodiscard]] std::vector<std::string> warnings() const override { return script_.warnings; }

private:
    Script& script_;
    bool is_remote_;
};

using Anchors = std::vector<std::unique_ptr<Anchor>>;

Anchors local(std::vector<Script>& scripts) {
    Anchors anchors;
    for (Script& script : scripts) {
        anchors.push_back(std::make_unique<ScriptedAnchor>(script, /*is_remote=*/false));
    }
    return anchors;
}

using Sizes = std::vector<std::int64_t>;

TEST_CASE("every anchor keeps the checkpoint, once", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(2);
    AnchorSet set(local(scripts), /*quorum=*/2, clock);
    set.keep(checkpoint_of_size(3), Retry::when_due);
    set.keep(checkpoint_of_size(3), Retry::now);
    CHECK(scripts[0].kept == Sizes{3});
    CHECK(scripts[1].kept == Sizes{3});
    CHECK(set.take_notices().empty());
    CHECK(set.status()[1].size == 3);
    CHECK(set.status()[1].kept_at == clock.now());
}

TEST_CASE("fault 42: an anchor that fails does not keep the others from a quorum", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(3);
    scripts[0].trouble = "disk full";
    AnchorSet set(local(scripts), /*quorum=*/2, clock);
    set.keep(checkpoint_of_size(3), Retry::now);
    CHECK(scripts[1].kept == Sizes{3});
    CHECK(scripts[2].kept == Sizes{3});
    const std::vector<std::string> notices = set.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0], Catch::Contains("disk full") && Catch::Contains("trying again in 1 s"));
    CHECK(set.status()[0].failed_at == clock.now());
}

TEST_CASE("fewer than a quorum is a failure that names what is wrong", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(2);
    scripts[0].trouble = "disk full";
    AnchorSet set(local(scripts), /*quorum=*/2, clock);
    CHECK_THROWS_WITH(set.keep(checkpoint_of_size(3), Retry::when_due),
                      "expected 2 anchors to keep the newest checkpoint, 1 do; anchor scripted: "
                      "disk full");
    scripts[0].trouble.clear();
    CHECK_NOTHROW(set.keep(checkpoint_of_size(3), Retry::now));
    CHECK(scripts[1].kept == Sizes{3});
    const std::vector<std::string> notices = set.take_notices();
    CHECK(notices.back() == "anchor scripted: keeps up again, with 3 records");
}

TEST_CASE("a quorum above the number of anchors asks for all of them", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(1);
    AnchorSet set(local(scripts), /*quorum=*/2, clock);
    CHECK_NOTHROW(set.keep(checkpoint_of_size(1), Retry::now));
}

TEST_CASE("the pause between attempts doubles up to a minute", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(1);
    scripts[0].trouble = "away";
    AnchorSet set(local(scripts), /*quorum=*/1, clock);
    int calls = 0;
    for (const std::int64_t seconds : {0, 1, 2, 4, 8, 16, 32, 60, 60}) {
        if (seconds > 0) {
            clock.advance(Duration{seconds * kMicrosPerSecond - 1});
            CHECK_THROWS_AS(set.keep(checkpoint_of_size(1), Retry::when_due), Failure);
            CHECK(scripts[0].calls == calls);
            clock.advance(Duration{1});
        }
        CHECK_THROWS_AS(set.keep(checkpoint_of_size(1), Retry::when_due), Failure);
        CHECK(scripts[0].calls == ++calls);
    }
    scripts[0].trouble.clear();
    set.keep(checkpoint_of_size(1), Retry::now);
    scripts[0].trouble = "away";
    CHECK_THROWS_AS(set.keep(checkpoint_of_size(2), Retry::when_due), Failure);
    CHECK_THAT(set.take_notices().back(),
               Catch::Contains("keeps 1 records since") && Catch::Contains("again in 1 s"));
}

TEST_CASE("a slow remote anchor holds up neither the quorum nor the next checkpoint", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::promise<void> open;
    Script slow;
    slow.gate = open.get_future().share();
    Script quick;
    Anchors anchors;
    anchors.push_back(std::make_unique<ScriptedAnchor>(slow, /*is_remote=*/true));
    anchors.push_back(std::make_unique<ScriptedAnchor>(quick, /*is_remote=*/false));
    AnchorSet set(std::move(anchors), /*quorum=*/1, clock);
    set.keep(checkpoint_of_size(1), Retry::when_due);
    set.keep(checkpoint_of_size(2), Retry::when_due);
    CHECK(quick.kept == Sizes{1, 2});
    open.set_value();
    // A clean stop waits for it and offers it what it has missed.
    set.keep(checkpoint_of_size(2), Retry::now);
    CHECK(slow.kept == Sizes{1, 2});
    CHECK(quick.kept == Sizes{1, 2});
}

TEST_CASE("fault 45: without a thread to be had a remote anchor is asked after the others",
          "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    Script remote;
    Script near;
    Anchors anchors;
    anchors.push_back(std::make_unique<ScriptedAnchor>(remote, /*is_remote=*/true));
    anchors.push_back(std::make_unique<ScriptedAnchor>(near, /*is_remote=*/false));
    AnchorSet set(std::move(anchors), /*quorum=*/2, clock);
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    set.keep(checkpoint_of_size(1), Retry::when_due);
    set.keep(checkpoint_of_size(2), Retry::now);
    CHECK(no_thread.count() == 2);
    CHECK(remote.kept == Sizes{1, 2});
    CHECK(near.kept == Sizes{1, 2});
}

TEST_CASE("fault 22: once an anchor holds another history nothing is signed any more",
          "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(2);
    scripts[1].diverged = true;
    AnchorSet set(local(scripts), /*quorum=*/1, clock);
    CHECK_THROWS_AS(set.keep(checkpoint_of_size(1), Retry::when_due), Diverged);
    scripts[1].diverged = false;
    CHECK_THROWS_AS(set.keep(checkpoint_of_size(2), Retry::now), Diverged);
}

TEST_CASE("what could lose notes is told once, and again when it changes", "[anchors]") {
    support::ManualClock clock(Instant{kMicrosPerSecond});
    std::vector<Script> scripts(1);
    AnchorSet set(local(scripts), /*quorum=*/1, clock);
    scripts[0].warnings = {"notes expire"};
    set.keep(checkpoint_of_size(1), Retry::when_due);
    set.keep(checkpoint_of_size(2), Retry::when_due);
    CHECK(set.take_notices() == std::vector<std::string>{"anchor scripted: notes expire"});
    scripts[0].warnings.clear();
    set.keep(checkpoint_of_size(3), Retry::when_due);
    CHECK(set.take_notices().empty());
    scripts[0].warnings = {"notes expire"};
    set.keep(checkpoint_of_size(4), Retry::when_due);
    CHECK(set.take_notices().size() == 1);
}

}  // namespace
}  // namespace dcm::anchors
