#include "store/digest_filter.h"

#include "base/check.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::size_t kWordsPerBlock = 8;  // 64 bytes: a cache line
constexpr std::size_t kBitsPerEntry = 16;
constexpr std::size_t kBitsPerBlock = kWordsPerBlock * 64;
constexpr int kProbes = 6;
constexpr unsigned kProbeBits = 9;  // a bit among kBitsPerBlock
constexpr std::size_t kBytesPerWord = 8;
constexpr std::int64_t kEmptySlot = -1;
constexpr std::size_t kFirstSlots = 1'024;
constexpr std::uint64_t kMixFactor = 0x9E3779B97F4A7C15U;

// Digests are hashes already; this keeps what chooses a block apart from what chooses bits in it.
std::uint64_t mix(std::uint64_t value) {
    value *= kMixFactor;
    return value ^ (value >> 29U);
}

// Maps 32 bits evenly onto [0, count).
std::size_t scale(std::uint64_t bits, std::size_t count) {
    return static_cast<std::size_t>(((bits >> 32U) * count) >> 32U);
}

}  // namespace

DigestFilter::DigestFilter(std::span<const DigestEntry> entries)
    : words_((entries.size() * kBitsPerEntry / kBitsPerBlock + 1) * kWordsPerBlock) {
    for (const DigestEntry& entry : entries) {
        add(entry.digest);
    }
}

DigestFilter::DigestFilter(const std::string& stored) : words_(stored.size() / kBytesPerWord) {
    for (std::size_t i = 0; i < words_.size() * kBytesPerWord; ++i) {
        const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(stored[i]));
        words_[i / kBytesPerWord] |= byte << (8 * (i % kBytesPerWord));
    }
}

bool DigestFilter::is_stored_form(std::string_view bytes) {
    return !bytes.empty() && bytes.size() % (kWordsPerBlock * kBytesPerWord) == 0;
}

std::string DigestFilter::stored() const {
    std::string bytes(words_.size() * kBytesPerWord, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint64_t word = words_[i / kBytesPerWord];
        bytes[i] = static_cast<char>((word >> (8 * (i % kBytesPerWord))) & 0xFFU);
    }
    return bytes;
}

void DigestFilter::add(Digest digest) {
    const auto bits = static_cast<std::uint64_t>(digest);
    const std::size_t block = scale(bits, words_.size() / kWordsPerBlock) * kWordsPerBlock;
    std::uint64_t probes = mix(bits);
    for (int i = 0; i < kProbes; ++i) {
        const auto bit = static_cast<unsigned>(probes % kBitsPerBlock);
        words_[block + bit / 64] |= std::uint64_t{1} << (bit % 64);
        probes >>= kProbeBits;
    }
}

bool DigestFilter::may_hold(Digest digest) const {
    const auto bits = static_cast<std::uint64_t>(digest);
    const std::size_t block = scale(bits, words_.size() / kWordsPerBlock) * kWordsPerBlock;
    std::uint64_t probes = mix(bits);
    for (int i = 0; i < kProbes; ++i) {
        const auto bit = static_cast<unsigned>(probes % kBitsPerBlock);
        if ((words_[block + bit / 64] >> (bit % 64) & 1U) == 0) {
            return false;
        }
        probes >>= kProbeBits;
    }
    return true;
}

RecentDigests::RecentDigests() : slots_(kFirstSlots, DigestEntry{0, kEmptySlot}) {}

std::size_t RecentDigests::slot_of(Digest digest) const {
    return scale(mix(static_cast<std::uint64_t>(digest)), slots_.size());
}

void RecentDigests::add(const DigestEntry& entry) {
    DCM_CHECK(entry.seq >= 0);
    if ((count_ + 1) * 2 > slots_.size()) {
        grow();
    }
    place(entry);
    ++count_;
}

void RecentDigests::place(const DigestEntry& entry) {
    std::size_t slot = slot_of(entry.digest);
    while (slots_[slot].seq != kEmptySlot) {
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    slots_[slot] = entry;
}

void RecentDigests::grow() {
    std::vector<DigestEntry> before(slots_.size() * 2, DigestEntry{0, kEmptySlot});
    before.swap(slots_);
    for (const DigestEntry& entry : before) {
        if (entry.seq != kEmptySlot) {
            place(entry);
        }
    }
}

void RecentDigests::find(Digest digest, std::vector<std::int64_t>& seqs) const {
    std::size_t slot = slot_of(digest);
    while (slots_[slot].seq != kEmptySlot) {
        if (slots_[slot].digest == digest) {
            seqs.push_back(slots_[slot].seq);
        }
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
}

std::vector<DigestEntry> RecentDigests::take_sorted() {
    std::vector<DigestEntry> entries;
    entries.reserve(count_);
    for (DigestEntry& entry : slots_) {
        if (entry.seq != kEmptySlot) {
            entries.push_back(entry);
            entry.seq = kEmptySlot;
        }
    }
    count_ = 0;
    std::sort(entries.begin(), entries.end());
    return entries;
}

}  // namespace dcm::store
