#pragma once

#include "rules/book_file.h"
#include "rules/yaml_document.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::rules {

// Where a label of a rate's match stands, and its words.
struct LabelPlaces {
    std::size_t name = 0;
    std::vector<std::size_t> words;  // as in the match
};

// Where a rate and its members stand.
struct RatePlaces {
    Place rate;
    std::map<std::string, std::size_t, std::less<>> members;  // key → where its value stands
    std::vector<std::size_t> steps;                           // of its tiers
    std::vector<std::size_t> tenants;                         // as in the match
    std::map<std::string, LabelPlaces, std::less<>> labels;   // of the match

    // Where the member's value stands; the rate's own place when it does not say the member.
    [[nodiscard]] Place of(std::string_view member) const;
};

// Where the parts of a book stand, for what is told of a book that was read. The book's files
// outlive it.
struct BookPlaces {
    Place top;                      // where nothing better is known: `rates:`, else the first file
    std::vector<RatePlaces> rates;  // as in the book
    std::vector<Place> cases;       // as in the book
    std::vector<const BookFile*> resource_files;  // as in the book's table
    // Service type and state → the first place in the book's own lifecycle that charges it.
    std::map<std::pair<std::string, std::string>, Place> charges;
};

[[nodiscard]] RatePlaces places_of_rate(const BookFile& file, const YamlNode& rate);

// Adds what one file's `lifecycle:` charges.
void add_charges(const BookFile& file, const YamlNode& lifecycle, BookPlaces& places);

}  // namespace dcm::rules
