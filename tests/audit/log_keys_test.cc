#include "audit/log_keys.h"

#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using Kind = KeyChange::Kind;
using testing::kOrigin;
using testing::make_log;
using testing::sample_key;
using testing::SampleLog;
using testing::verify;
using testing::VerifySetup;

const std::string kForkOrigin = "example/audit/fedcba9876543210";

Record record_of(const KeyChange& change) {
    Record record;
    record.seq = change.seq;
    record.recorded_at = 2'000'000;
    record.actor = "user:anna";
    fill_key_change(change, record);
    return record;
}

// A log whose record 10 is the change from the key `k` to the next, signed by both, and that went
// on.
struct ChangedLog {
    SampleLog log = make_log(20);
    SigningKey old_key = sample_key();
    SigningKey new_key;
    KeyChange change;
    std::string note_of_both;

    explicit ChangedLog(Kind kind)
        : new_key(sample_key('n', kind == Kind::forked ? kForkOrigin : kOrigin)),
          change{kind, 10, old_key.verifier(), new_key.verifier(), 0, {}, ""} {
        if (kind == Kind::forked) {
            change.lost_size = 15;
            change.lost_root = leaf_hash("lost");
            change.reason = "disk lost";
        }
        log.rows[10] = record_of(change);
        log.payloads.erase(10);
        for (std::size_t i = 11; i < log.rows.size(); ++i) {
            log.rows[i].recorded_at = 3'000'000;
        }
        log.rebuild_tree();
        log.set_seal(new_key);
        note_of_both = cosign(note(11, new_key), checkpoint(11, new_key), old_key);
    }

    [[nodiscard]] Checkpoint checkpoint(std::int64_t size, const SigningKey& key) const {
        const auto stated = stated_checkpoint(log.note(size, key)).value();
        return {key.verifier().name(), size, stated.root};
    }
    [[nodiscard]] std::string note(std::int64_t size, const SigningKey& key) const {
        return sign_checkpoint(checkpoint(size, key), key);
    }
    [[nodiscard]] LogKeys keys(const SigningKey& trusted) const {
        return LogKeys::follow(trusted.verifier(), {log.rows[10]}).value();
    }
    [[nodiscard]] Verdict judge(const std::string& notes, const SigningKey& trusted) const {
        VerifySetup setup;
        setup.keys = keys(trusted);
        return verify(log, {{"a", notes}}, setup);
    }
};

TEST_CASE("a change of keys comes back from its record", "[log_keys]") {
    for (const Kind kind : {Kind::rotated, Kind::forked}) {
        const ChangedLog changed(kind);
        const Record record = record_of(changed.change);
        CHECK(is_key_change(record));
        const KeyChange read = parse_key_change(record).value();
        CHECK(read.kind == kind);
        CHECK(read.seq == 10);
        CHECK(read.old_key.text() == changed.old_key.verifier().text());
        CHECK(read.new_key.text() == changed.new_key.verifier().text());
        CHECK(read.lost_size == changed.change.lost_size);
        CHECK(read.lost_root == changed.change.lost_root);
        CHECK(read.reason == changed.change.reason);
    }
}

TEST_CASE("what is no change of keys is an error", "[log_keys]") {
    const ChangedLog changed(Kind::forked);
    const Record good = record_of(changed.change);
    for (const std::string body : {"", "{}", "[]", "{\"new_key\":1,\"old_key\":2}", "x"}) {
        Record record = good;
        record.body = body;
        CHECK_FALSE(parse_key_change(record).ok());
    }
    Record record = good;
    record.body = record_of(ChangedLog(Kind::rotated).change).body;
    CHECK_FALSE(parse_key_change(record).ok());
}

TEST_CASE("keys that do not follow each other are an error, a strange one stands alone",
          "[log_keys]") {
    const ChangedLog changed(Kind::rotated);
    const Record first = record_of(changed.change);
    Record second = first;
    second.seq = 12;
    CHECK_FALSE(LogKeys::follow(changed.old_key.verifier(), {first, second}).ok());
    const LogKeys alone = LogKeys::follow(sample_key('x').verifier(), {first}).value();
    CHECK(alone.all().size() == 1);
    CHECK(alone.changes().empty());
    CHECK(changed.keys(changed.old_key).newest().text() == changed.new_key.verifier().text());
    CHECK(changed.keys(changed.old_key).changes_to_prove().size() == 1);
    CHECK(changed.keys(changed.new_key).changes_to_prove().empty());
}

TEST_CASE("fault 21: each key counts up to its change and from there on", "[log_keys]") {
    const ChangedLog changed(Kind::rotated);
    const SigningKey& old_key = changed.old_key;
    const SigningKey& new_key = changed.new_key;
    const std::string both = changed.note_of_both;
    struct Case {
        std::string name;
        std::string notes;
        int trusting_old;
        int trusting_new;
    };
    const std::vector<Case> cases{
        {"each where it counts", changed.note(5, old_key) + both + changed.note(20, new_key), 0, 0},
        {"both during the change", both, 0, 0},
        {"the newer one only", changed.note(20, new_key), 1, 0},
        {"the retired key behind the change", both + changed.note(12, old_key), 1, 1},
        {"the retired key at the end", both + changed.note(20, old_key), 1, 1},
        {"the new key before the change", both + changed.note(5, new_key), 1, 1},
        {"the change without the old key",
         changed.note(11, new_key) + changed.note(20, new_key),
         1,
         1},
        {"the change without the new key",
         changed.note(11, old_key) + changed.note(20, new_key),
         1,
         1},
        {"a key of nobody", both + changed.note(20, sample_key('x')), 1, 1},
    };
    for (const Case& test : cases) {
        CAPTURE(test.name);
        CHECK(changed.judge(test.notes, old_key).exit_code == test.trusting_old);
        CHECK(changed.judge(test.notes, new_key).exit_code == test.trusting_new);
    }
    CHECK(changed.judge(both, sample_key('x')).exit_code == 1);
}

TEST_CASE("fault 21: keys that the records do not tell are found", "[log_keys]") {
    const ChangedLog changed(Kind::rotated);
    VerifySetup setup;
    setup.keys = LogKeys(changed.new_key.verifier());
    CHECK(verify(changed.log, {{"a", changed.note_of_both}}, setup).exit_code == 1);
}

TEST_CASE("fault 23: a fork explains the notes of what was lost, and nothing else", "[log_keys]") {
    const ChangedLog changed(Kind::forked);
    const SigningKey& old_key = changed.old_key;
    const std::string after = changed.note_of_both + changed.note(20, changed.new_key);
    const auto lost = [&old_key](std::int64_t size) {
        return sign_checkpoint({kOrigin, size, leaf_hash("lost")}, old_key);
    };
    const Verdict whole = changed.judge(changed.note(10, old_key) + lost(15) + after, old_key);
    CHECK(whole.exit_code == 0);
    CHECK(whole.forks == std::vector<ForkReport>{{10, 15, "disk lost"}});
    CHECK(changed.judge(lost(11) + after, changed.new_key).exit_code == 0);
    // More than the fork tells was lost, and another history of what was not.
    CHECK(changed.judge(lost(16) + after, old_key).exit_code == 1);
    CHECK(changed.judge(lost(10) + after, old_key).exit_code == 1);
    // What was lost proves nothing of what is there.
    const Verdict only_lost = changed.judge(lost(15), changed.new_key);
    CHECK(only_lost.exit_code == 6);
    CHECK(only_lost.anchors[0].state == AnchorState::forked);
    // The old key vouches for the new one.
    CHECK(changed.judge(changed.note(20, changed.new_key), old_key).exit_code == 1);
    CHECK(changed.judge(changed.note(11, changed.new_key), old_key).exit_code == 1);
}

}  // namespace
}  // namespace dcm::audit
