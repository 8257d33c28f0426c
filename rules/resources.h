#pragma once

#include "base/instant.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::rules {

inline constexpr std::string_view kUnassignedTenant = "unassigned";

using Labels = std::map<std::string, std::string, std::less<>>;

// What events do not carry: who owns an instance and how it is labelled, with validity in time.
struct Resource {
    std::string service_type;
    std::string instance;
    std::string tenant;
    Labels labels;
    std::optional<Instant> valid_from;
    std::optional<Instant> valid_to;
    std::size_t offset = 0;  // where it stands in its file
    std::size_t line = 0;    // the same for people, from 1
};

// An entry of one of the table's files; lives as long as the table.
struct ResourceEntry {
    std::size_t file = 0;  // in the order the files were added
    const Resource* entry = nullptr;
};

// What holds for an instance during a stretch of time.
struct Ownership {
    Period during;
    std::string tenant;  // kUnassignedTenant when no entry says otherwise
    Labels labels;
};

// A stretch with the entries that say what holds, one of a file at most.
struct HeldStretch {
    Ownership owner;
    std::vector<ResourceEntry> entries;
};

// All resource files of a book. In each file the first entry that matches an instant wins; a later
// file fills in what earlier files leave unsaid (tenant, single labels).
class ResourceTable {
public:
    // One file's entries, in file order.
    void add_file(std::vector<Resource> entries, std::string file_name = {});

    // The stretches of `during`, in order and without gaps, each with its owner. One stretch with
    // the unassigned tenant when nothing is known.
    [[nodiscard]] std::vector<Ownership> ownership(std::string_view service_type,
                                                   std::string_view instance,
                                                   Period during) const;

    // The same, cut wherever another entry begins to say something.
    [[nodiscard]] std::vector<HeldStretch> held(std::string_view service_type,
                                                std::string_view instance,
                                                Period during) const;

    using Key = std::pair<std::string, std::string>;  // service type and instance
    // Every instance that has an entry, in order.
    [[nodiscard]] std::vector<Key> instances() const;
    // All entries of an instance.
    [[nodiscard]] std::vector<ResourceEntry> entries_of(const Key& key) const;

    [[nodiscard]] const std::vector<std::string>& file_names() const { return file_names_; }
    // Entries in the file of this number.
    [[nodiscard]] std::size_t entry_count(std::size_t file) const;

private:
    std::vector<std::map<Key, std::vector<Resource>>> files_;
    std::vector<std::string> file_names_;
};

}  // namespace dcm::rules
