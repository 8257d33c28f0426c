#pragma once

#include "cli/book.h"
#include "cli/filters.h"
#include "store/usage_reader.h"

#include <set>
#include <string>
#include <vector>

namespace dcm::cli {

// What names are looked for in: the whole log, whenever it was, and the resource files of a book
// whose lifecycle the reader was made with.
struct NameSource {
    const store::UsageReader& reader;
    const Book& book;
};

// Names that are known.
struct KnownNames {
    std::set<std::string> service_types;
    std::set<std::string> instances;
    std::set<std::string> providers;
    std::set<std::string> states;
    std::set<std::string> tenants;
};

// For an answer in which there is nothing: says on stderr which names that it was narrowed to are
// known nowhere, neither to a source nor to the caller (`known`), with the nearest that are. A name
// that is known and has nothing to show is told by nobody.
void tell_unknown_names(const std::vector<NameSource>& sources,
                        const FilterOptions& filters,
                        KnownNames known = {});

// The same for a tenant alone; `billed` are those of statements that were closed. What is computed
// now has a tenant from a resource file, or nobody's.
void tell_unknown_tenant(const Book& book, std::set<std::string> billed, const std::string& tenant);

}  // namespace dcm::cli
