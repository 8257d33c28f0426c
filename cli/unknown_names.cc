#include "cli/unknown_names.h"

#include "base/nearest.h"
#include "base/shown.h"
#include "cli/anchors.h"

#include <string_view>
#include <vector>

namespace dcm::cli {
namespace {

using Names = std::set<std::string>;

void add_names_of(const store::UsageReader& reader, KnownNames& known) {
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
}

void add_tenants_of(const Book& book, Names& tenants) {
    tenants.emplace(rules::kUnassignedTenant);
    const rules::ResourceTable& resources = book.rules.resources;
    for (const rules::ResourceTable::Key& key : resources.instances()) {
        for (const rules::ResourceEntry& entry : resources.entries_of(key)) {
            tenants.insert(entry.entry->tenant);
        }
    }
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

void tell_unless_known(const std::string& tenant, const Names& known) {
    tell_unless_known("a tenant that usage or a resource file has", tenant, known);
}

}  // namespace

void tell_unknown_names(const std::vector<NameSource>& sources,
                        const FilterOptions& filters,
                        KnownNames known) {
    const bool asks_of_usage = !filters.service_type.empty() || !filters.provider.empty() ||
                               !filters.instance.empty() || !filters.state.empty();
    for (const NameSource& source : sources) {
        if (asks_of_usage) {
            add_names_of(source.reader, known);
        }
        add_tenants_of(source.book, known.tenants);
    }
    tell_unless_known("a service type that events have", filters.service_type, known.service_types);
    tell_unless_known("a provider that events have", filters.provider, known.providers);
    tell_unless_known("an instance that events have", filters.instance, known.instances);
    tell_unless_known("a state that an instance was in", filters.state, known.states);
    tell_unless_known(filters.tenant, known.tenants);
}

void tell_unknown_tenant(const Book& book,
                         std::set<std::string> billed,
                         const std::string& tenant) {
    add_tenants_of(book, billed);
    tell_unless_known(tenant, billed);
}

}  // namespace dcm::cli
