#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dcm::store {

// The place of a (source, id) in the identity index: 64 bits of a hash. Two identities may share
// one, so whoever finds a digest compares the bytes themselves.
using IdentityDigest = std::int64_t;

struct IdentityEntry {
    IdentityDigest digest = 0;
    std::int64_t seq = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison for a pointer.
    auto operator<=>(const IdentityEntry&) const = default;
};

// A blocked Bloom filter: says "not there" with certainty, one cache line a question. About 16 bits
// an entry; one question in a thousand about an absent digest is answered "perhaps".
class IdentityFilter {
public:
    explicit IdentityFilter(std::span<const IdentityEntry> entries);
    // From its stored form, which is a whole number of blocks.
    explicit IdentityFilter(const std::string& stored);

    [[nodiscard]] bool may_hold(IdentityDigest digest) const;
    [[nodiscard]] std::string stored() const;

private:
    void add(IdentityDigest digest);

    std::vector<std::uint64_t> words_;
};

// The identities that lie in no run yet, in memory: an open-addressing table that grows.
class RecentIdentities {
public:
    RecentIdentities();

    void add(const IdentityEntry& entry);
    // Appends the seqs found under the digest.
    void find(IdentityDigest digest, std::vector<std::int64_t>& seqs) const;
    [[nodiscard]] std::size_t size() const { return count_; }
    // All of them in order; the table is empty afterwards.
    [[nodiscard]] std::vector<IdentityEntry> take_sorted();

private:
    [[nodiscard]] std::size_t slot_of(IdentityDigest digest) const;
    void place(const IdentityEntry& entry);
    void grow();

    std::vector<IdentityEntry> slots_;
    std::size_t count_ = 0;
};

}  // namespace dcm::store
