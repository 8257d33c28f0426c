#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// The place of a key in a DigestIndex: 64 bits of a hash. Two keys may share one, so whoever finds
// a digest compares the bytes themselves.
using Digest = std::int64_t;

struct DigestEntry {
    Digest digest = 0;
    std::int64_t seq = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison for a pointer.
    auto operator<=>(const DigestEntry&) const = default;
};

// A blocked Bloom filter: says "not there" with certainty, one cache line a question. About 16 bits
// an entry; one question in a thousand about an absent digest is answered "perhaps".
class DigestFilter {
public:
    explicit DigestFilter(std::span<const DigestEntry> entries);
    // From its stored form, which is a whole number of blocks and not empty.
    explicit DigestFilter(const std::string& stored);

    [[nodiscard]] bool may_hold(Digest digest) const;
    [[nodiscard]] std::string stored() const;
    [[nodiscard]] static bool is_stored_form(std::string_view bytes);

private:
    void add(Digest digest);

    std::vector<std::uint64_t> words_;
};

// The entries that lie in no run yet, in memory: an open-addressing table that grows.
class RecentDigests {
public:
    RecentDigests();

    void add(const DigestEntry& entry);
    // Appends the seqs found under the digest.
    void find(Digest digest, std::vector<std::int64_t>& seqs) const;
    [[nodiscard]] std::size_t size() const { return count_; }
    // All of them in order; the table is empty afterwards.
    [[nodiscard]] std::vector<DigestEntry> take_sorted();

private:
    [[nodiscard]] std::size_t slot_of(Digest digest) const;
    void place(const DigestEntry& entry);
    void grow();

    std::vector<DigestEntry> slots_;
    std::size_t count_ = 0;
};

}  // namespace dcm::store
