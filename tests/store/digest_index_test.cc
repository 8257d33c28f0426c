#include "store/digest_index.h"

#include "store/ingest_writer.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <random>
#include <set>

namespace dcm::store {
namespace {

// Three digests for everything: nearly every identity collides with another.
Digest digest_of_three(const TextPair& key) {
    return static_cast<Digest>(key.second.size() % 3) - 1;
}

IngestCounts append_with(test::Fixture& fixture,
                         const DigestOptions& options,
                         const std::vector<test::EventSpec>& specs) {
    soci::session& session = fixture.database.session();
    dcm::migrations::WriteTransaction transaction(session, "test");
    IngestWriter writer(session, fixture.lifecycle, fixture.key, options);
    auto batch = test::drafts_of(specs);
    const auto counts = writer.append(batch, "svc:test/1", 1);
    transaction.commit();
    return counts;
}

TEST_CASE("an identity is told apart where digests collide", "[identity]") {
    test::Fixture fixture;
    // Runs of four: the candidates lie in memory and in several runs.
    const DigestOptions options{&digest_of_three, 4};
    std::vector<test::EventSpec> specs;
    specs.reserve(30);
    for (int i = 0; i < 30; ++i) {
        specs.push_back(
            {.id = std::string(static_cast<std::size_t>(i % 10 + 1), 'x') + std::to_string(i)});
    }
    for (std::size_t i = 0; i < specs.size(); i += 3) {
        const auto counts = append_with(fixture, options, {specs[i], specs[i + 1], specs[i + 2]});
        CHECK(counts.accepted == 3);
    }
    CHECK(test::query_text(fixture.url, "SELECT count(*) > 3 FROM identity_run") == "1");
    for (const auto& spec : specs) {
        CHECK(append_with(fixture, options, {spec}).duplicate == 1);
    }
}

TEST_CASE("source and id are not mixed up where one ends and the other begins", "[identity]") {
    CHECK(digest_of({"ab", "c"}) != digest_of({"a", "bc"}));
    test::Fixture fixture;
    CHECK(fixture.append({{.source = "ab", .id = "c"}, {.source = "a", .id = "bc"}}).accepted == 2);
}

TEST_CASE("chunks of a run never part entries of one digest", "[identity]") {
    test::Fixture fixture;
    const DigestOptions options{&digest_of_three, 1'000};
    std::vector<test::EventSpec> specs;
    specs.reserve(2'000);
    for (int i = 0; i < 2'000; ++i) {
        specs.push_back(
            {.id = std::string(static_cast<std::size_t>(i % 3), 'x') + std::to_string(10'000 + i)});
    }
    // Distinct by construction, so appended unseen: the index alone is under test here.
    soci::session& session = fixture.database.session();
    dcm::migrations::WriteTransaction transaction(session, "test");
    DigestIndex index(session, kIdentityIndex, options);
    std::map<Digest, std::set<std::int64_t>> expected;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const auto digest = options.digest({specs[i].source, specs[i].id});
        index.add({digest, static_cast<std::int64_t>(i)});
        expected[digest].insert(static_cast<std::int64_t>(i));
    }
    index.lay_down(2'000);
    for (const auto& [digest, seqs] : expected) {
        const auto& found = index.candidates(digest);
        CHECK(std::set<std::int64_t>(found.begin(), found.end()) == seqs);
    }
    DigestIndex reloaded(session, kIdentityIndex, options);
    const auto& found = reloaded.candidates(0);
    CHECK(std::set<std::int64_t>(found.begin(), found.end()) == expected[0]);
}

TEST_CASE("a run that was cut short is refused and not read past its end", "[identity]") {
    test::Fixture fixture;
    const DigestOptions options{&digest_of, 2};
    const std::vector<test::EventSpec> specs{{.id = "a"}, {.id = "b"}, {.id = "c"}};
    CHECK(append_with(fixture, options, specs).accepted == 3);
    const std::string change = GENERATE(
        "filter = X''", "filter = substr(filter, 2)", "fence = substr(fence, 2)", "to_seq = -1");
    fixture.database.session() << "UPDATE identity_run SET " + change;
    CHECK_THROWS_WITH(
        append_with(fixture, options, specs),
        "identity_run: run 0 is damaged; nothing was written, run `dcm-billing rebuild`");
}

TEST_CASE("the filter never denies what is there and rarely affirms what is not", "[identity]") {
    std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): the same every time
    std::vector<DigestEntry> entries;
    entries.reserve(20'000);
    for (int i = 0; i < 20'000; ++i) {
        entries.push_back({static_cast<Digest>(random()), i});
    }
    const DigestFilter filter(entries);
    const DigestFilter reloaded(filter.stored());
    int denied = 0;
    for (const auto& entry : entries) {
        denied += filter.may_hold(entry.digest) && reloaded.may_hold(entry.digest) ? 0 : 1;
    }
    CHECK(denied == 0);
    int affirmed = 0;
    for (int i = 0; i < 20'000; ++i) {
        affirmed += filter.may_hold(static_cast<Digest>(random())) ? 1 : 0;
    }
    CHECK(affirmed < 200);
    const DigestFilter empty(std::span<const DigestEntry>{});
    CHECK_FALSE(empty.may_hold(0));
}

TEST_CASE("recent identities are found after the table has grown", "[identity]") {
    RecentDigests recent;
    for (std::int64_t i = 0; i < 5'000; ++i) {
        recent.add({i / 2, i});
    }
    std::vector<std::int64_t> seqs;
    recent.find(1'234, seqs);
    std::sort(seqs.begin(), seqs.end());
    CHECK(seqs == std::vector<std::int64_t>{2'468, 2'469});
    const auto sorted = recent.take_sorted();
    CHECK(sorted.size() == 5'000);
    CHECK(std::is_sorted(sorted.begin(), sorted.end()));
    CHECK(recent.size() == 0);
    seqs.clear();
    recent.find(1'234, seqs);
    CHECK(seqs.empty());
}

}  // namespace
}  // namespace dcm::store
