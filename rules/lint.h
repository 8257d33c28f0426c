#pragma once

#include "rules/places.h"
#include "rules/problems.h"
#include "rules/rulebook.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

// A book without errors, and where its parts stand.
struct PlacedBook {
    const RuleBook& book;
    const BookPlaces& places;
};

// What is allowed in a book and is probably a mistake, as warnings. docs/rules.md explains each to
// the book's author.

// States that some lifecycle charges and no rate matches.
void lint_states(const PlacedBook& of, Problems& problems);

// Rates that no interval can reach: no lifecycle charges what they match, or earlier rates of their
// meter always match first. The result says of each rate whether it is one.
[[nodiscard]] std::vector<bool> lint_reach(const PlacedBook& of, Problems& problems);

// Gaps and overlaps in time between the versions of one price: rates of one id prefix, meter and
// match. Those told as unreachable are left out.
void lint_time(const PlacedBook& of, const std::vector<bool>& unreachable, Problems& problems);

// Prices and durations that lose exactness in their unit.
void lint_exactness(const PlacedBook& of, Problems& problems);

// Tenants, labels and their values that a rate matches on and no entry of the resource files has.
void lint_ownership(const PlacedBook& of, Problems& problems);

// Entries of resource files that no rate uses: of each file and reason the first few, and how many
// more there are.
void lint_resources(const PlacedBook& of, Problems& problems);

// All of them.
void lint_book(const PlacedBook& of, Problems& problems);

// Of a rate: its id without the version at its end. "vm-2026h2" and "vm-2026-07" give "vm", and so
// do "vm@3", "vm.v2" and "vm2"; empty where the id has no version.
[[nodiscard]] std::string unversioned_id(std::string_view id);

// Rates reached are compared with at most so many others in all; beyond it the lint says that it
// stopped.
inline constexpr std::size_t kReachComparisonsMax = 2'000'000;

// A word of a match is compared with at most so many words of the resource files, in all; beyond it
// the lint says that it stopped.
inline constexpr std::size_t kOwnershipComparisonsMax = 2'000'000;

// Entries of one file that are told one by one for one reason.
inline constexpr std::size_t kEntriesToldMax = 5;

}  // namespace dcm::rules
