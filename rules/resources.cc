#include "rules/resources.h"

#include <algorithm>

namespace dcm::rules {
namespace {

bool holds_at(const Resource& entry, Instant at) {
    return (!entry.valid_from || *entry.valid_from <= at) &&
           (!entry.valid_to || at < *entry.valid_to);
}

void add_cut(std::vector<Instant>& cuts, const std::optional<Instant>& at, Period during) {
    if (at && during.start < *at && *at < during.end) {
        cuts.push_back(*at);
    }
}

using Layers = std::vector<const std::vector<Resource>*>;

// The start of each stretch in which no entry begins or ceases to hold.
std::vector<Instant> stretch_starts(const Layers& layers, Period during) {
    std::vector<Instant> starts{during.start};
    for (const auto* entries : layers) {
        for (const Resource& entry : *entries) {
            add_cut(starts, entry.valid_from, during);
            add_cut(starts, entry.valid_to, during);
        }
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    return starts;
}

Ownership owner_at(const Layers& layers, Instant at) {
    Ownership owner;
    for (const auto* entries : layers) {
        const auto entry = std::find_if(entries->begin(),
                                        entries->end(),
                                        [at](const Resource& each) { return holds_at(each, at); });
        if (entry == entries->end()) {
            continue;
        }
        if (owner.tenant.empty()) {
            owner.tenant = entry->tenant;
        }
        // insert keeps what an earlier file says of a label.
        owner.labels.insert(entry->labels.begin(), entry->labels.end());
    }
    if (owner.tenant.empty()) {
        owner.tenant = kUnassignedTenant;
    }
    return owner;
}

}  // namespace

void ResourceTable::add_file(std::vector<Resource> entries) {
    auto& file = files_.emplace_back();
    for (Resource& entry : entries) {
        Key key{entry.service_type, entry.instance};
        file[std::move(key)].push_back(std::move(entry));
    }
}

std::vector<Ownership> ResourceTable::ownership(std::string_view service_type,
                                                std::string_view instance,
                                                Period during) const {
    const Key key{service_type, instance};
    Layers layers;
    for (const auto& file : files_) {
        const auto entries = file.find(key);
        if (entries != file.end()) {
            layers.push_back(&entries->second);
        }
    }
    std::vector<Ownership> stretches;
    for (const Instant start : stretch_starts(layers, during)) {
        Ownership owner = owner_at(layers, start);
        owner.during = {start, during.end};
        if (stretches.empty()) {
            stretches.push_back(std::move(owner));
            continue;
        }
        Ownership& last = stretches.back();
        if (last.tenant == owner.tenant && last.labels == owner.labels) {
            continue;
        }
        last.during.end = start;
        stretches.push_back(std::move(owner));
    }
    return stretches;
}

}  // namespace dcm::rules
