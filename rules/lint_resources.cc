#include "rules/charged_states.h"
#include "rules/lint.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace dcm::rules {
namespace {

constexpr Period kEver{Instant{std::numeric_limits<std::int64_t>::min()},
                       Instant{std::numeric_limits<std::int64_t>::max()}};

bool matches_labels(const Match& match, const Labels& labels) {
    return std::all_of(match.labels.begin(), match.labels.end(), [&labels](const auto& wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && matches_any(wanted.second, found->second);
    });
}

bool overlaps(const Rate& rate, Period during) {
    return (!rate.valid_from || *rate.valid_from < during.end) &&
           (!rate.valid_to || during.start < *rate.valid_to);
}

// Finds out whether some rate can match an instance with what its entries say.
class ResourceUse {
public:
    explicit ResourceUse(const RuleBook& book)
        : book_(book), states_(charged_states(book.lifecycle)) {}

    bool is_used(const ResourceTable::Key& key, const Ownership& owner) {
        const std::vector<std::size_t>& rates = matching(key.first, owner);
        return std::any_of(rates.begin(), rates.end(), [&](std::size_t rate) {
            return matches_any(book_.rates[rate].match.instance, key.second) &&
                   overlaps(book_.rates[rate], owner.during);
        });
    }

private:
    using Kind = std::tuple<std::string, std::string, Labels>;

    // The rates for such instances: many instances are of few kinds.
    const std::vector<std::size_t>& matching(const std::string& type, const Ownership& owner) {
        constexpr std::size_t kinds_max = 65'536;
        if (kinds_.size() >= kinds_max) {
            kinds_.clear();
        }
        const auto [found, is_new] = kinds_.try_emplace(Kind{type, owner.tenant, owner.labels});
        if (is_new) {
            for (const std::size_t rate : of_type(type)) {
                const Match& match = book_.rates[rate].match;
                if (matches_any(match.tenant, owner.tenant) &&
                    matches_labels(match, owner.labels)) {
                    found->second.push_back(rate);
                }
            }
        }
        return found->second;
    }

    // The rates that match a state this service type is charged in.
    const std::vector<std::size_t>& of_type(const std::string& type) {
        const auto [found, is_new] = types_.try_emplace(type);
        for (std::size_t i = 0; is_new && i < book_.rates.size(); ++i) {
            const Match& match = book_.rates[i].match;
            const bool can = std::any_of(
                states_.begin(), states_.end(), [&type, &match](const ChargedState& state) {
                    return state.service_type == type && can_match(match, state);
                });
            if (can) {
                found->second.push_back(i);
            }
        }
        return found->second;
    }

    const RuleBook& book_;
    std::vector<ChargedState> states_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> types_;
    std::map<Kind, std::vector<std::size_t>> kinds_;
};

using EntrySet = std::set<const Resource*>;

// The entries that hold at some time, and those of them that a rate uses.
struct Found {
    EntrySet holding;
    EntrySet used;
};

Found look_at(const RuleBook& book, const ResourceTable::Key& key, ResourceUse& use) {
    Found found;
    for (const HeldStretch& stretch : book.resources.held(key.first, key.second, kEver)) {
        const bool is_used = use.is_used(key, stretch.owner);
        for (const ResourceEntry& each : stretch.entries) {
            found.holding.insert(each.entry);
            if (is_used) {
                found.used.insert(each.entry);
            }
        }
    }
    return found;
}

// Why no rate uses an entry.
enum class Disuse { unmatched, hidden };

struct UnusedEntry {
    std::size_t file = 0;
    Disuse why = Disuse::unmatched;
    const Resource* entry = nullptr;
};

// By file and reason, then as the file has them.
std::vector<UnusedEntry> unused_entries(const RuleBook& book) {
    ResourceUse use(book);
    std::vector<UnusedEntry> unused;
    for (const ResourceTable::Key& key : book.resources.instances()) {
        const Found found = look_at(book, key, use);
        for (const ResourceEntry& each : book.resources.entries_of(key)) {
            if (!found.used.contains(each.entry)) {
                const bool holds = found.holding.contains(each.entry);
                unused.push_back(
                    {each.file, holds ? Disuse::unmatched : Disuse::hidden, each.entry});
            }
        }
    }
    std::sort(unused.begin(), unused.end(), [](const UnusedEntry& left, const UnusedEntry& right) {
        return std::tie(left.file, left.why, left.entry->offset) <
               std::tie(right.file, right.why, right.entry->offset);
    });
    return unused;
}

std::string described(const UnusedEntry& unused) {
    return "expected an entry that some rate uses, got one for " + shown(unused.entry->instance) +
           " of " + shown(unused.entry->service_type) +
           (unused.why == Disuse::unmatched ? ", which no rate matches while it holds"
                                            : ": earlier entries of this file always hold instead");
}

Place place_of(const PlacedBook& of, const UnusedEntry& unused) {
    return {of.places.resource_files[unused.file], unused.entry->offset};
}

// The same of this entry and those after it.
std::string described_rest(Disuse why, std::size_t count) {
    return "expected entries that some rate uses, got this one and " + std::to_string(count - 1) +
           " more " +
           (why == Disuse::unmatched ? "that no rate matches while they hold"
                                     : "instead of which earlier entries of this file always hold");
}

}  // namespace

void lint_resources(const PlacedBook& of, Problems& problems) {
    const std::vector<UnusedEntry> unused = unused_entries(of.book);
    for (auto first = unused.begin(); first != unused.end();) {
        const auto end = std::find_if(first, unused.end(), [&first](const UnusedEntry& each) {
            return each.file != first->file || each.why != first->why;
        });
        const auto count = static_cast<std::size_t>(end - first);
        // "And 0 more" would hide the last one.
        const std::size_t told =
            count == kEntriesToldMax + 1 ? count : std::min(count, kEntriesToldMax);
        for (std::size_t i = 0; i < told; ++i, ++first) {
            problems.warn(place_of(of, *first), described(*first));
        }
        if (count > told) {
            problems.warn(place_of(of, *first), described_rest(first->why, count - told));
        }
        first = end;
    }
}

}  // namespace dcm::rules
