#include "cli/unknown_names.h"

#include "base/nearest.h"
#include "base/shown.h"
#include "cli/anchors.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::cli {
namespace {

using Names = std::set<std::string>;

// What the log has, whenever it was.
struct KnownNames {
    Names service_types;
    Names instances;
    Names providers;
    Names states;
};

KnownNames names_of(const store::UsageReader& reader) {
    KnownNames known;
    reader.each_in_any_order([&known](const auto& key, const auto& timeline) {
        known.service_types.insert(key.service_type);
        known.instances.insert(key.instance);
        if (timeline.summary) {
            known.providers.insert(timeline.summary->provider);
        }
        for (const billing::Interval& interval : timeline.intervals) {
            known.providers.insert(interval.provider);
            known.states.insert(interval.state);
        }
    });
    return known;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order they are told.
void tell_unless_known(std::string_view what, const std::string& name, const Names& known) {
    if (name.empty() || known.contains(name)) {
        return;
    }
    const std::vector<std::string> words(known.begin(), known.end());
    const std::string nearest = nearest_word(name, words);
    tell("expected " + std::string(what) + ", got " + shown(name) +
         (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
}

void tell_unknown_usage(const KnownNames& known, const FilterOptions& filters) {
    tell_unless_known("a service type that events have", filters.service_type, known.service_types);
    tell_unless_known("a provider that events have", filters.provider, known.providers);
    tell_unless_known("an instance that events have", filters.instance, known.instances);
    tell_unless_known("a state that an instance was in", filters.state, known.states);
}

}  // namespace

void tell_unknown_names(const ReportSource& source, const FilterOptions& filters) {
    const bool asks_of_usage = !filters.service_type.empty() || !filters.provider.empty() ||
                               !filters.instance.empty() || !filters.state.empty();
    if (asks_of_usage) {
        tell_unknown_usage(names_of(source.reader), filters);
    }
    if (!filters.tenant.empty()) {
        tell_unknown_tenant(source.book, {}, filters.tenant);
    }
}

void tell_unknown_tenant(const Book& book,
                         std::set<std::string> billed,
                         const std::string& tenant) {
    billed.emplace(rules::kUnassignedTenant);
    const rules::ResourceTable& resources = book.rules.resources;
    for (const rules::ResourceTable::Key& key : resources.instances()) {
        for (const rules::ResourceEntry& entry : resources.entries_of(key)) {
            billed.insert(entry.entry->tenant);
        }
    }
    tell_unless_known("a tenant that usage or a resource file has", tenant, billed);
}

}  // namespace dcm::cli
