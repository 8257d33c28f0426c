#include "rules/resources.h"

#include <algorithm>
#include <set>

namespace dcm::rules {
namespace {

// What the entries of one file say from here on; nullptr: nothing.
struct Saying {
    Instant from;
    const Resource* entry = nullptr;
};

// An entry begins or ceases to hold.
struct Turn {
    Instant at;
    std::size_t index = 0;
    bool begins = false;
};

std::vector<Turn> turns_of(const std::vector<Resource>& entries, Period during) {
    std::vector<Turn> turns;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Instant from = std::max(entries[i].valid_from.value_or(during.start), during.start);
        const Instant to = std::min(entries[i].valid_to.value_or(during.end), during.end);
        if (from < to) {
            turns.push_back({from, i, true});
            turns.push_back({to, i, false});
        }
    }
    std::sort(turns.begin(), turns.end(), [](const Turn& left, const Turn& right) {
        return left.at < right.at;
    });
    return turns;
}

// The first entry that holds, from turn to turn: those that hold are kept in file order, so that an
// instance with very many entries takes no more than their sorting.
std::vector<Saying> sayings_of(const std::vector<Resource>& entries, Period during) {
    std::vector<Saying> sayings{{during.start, nullptr}};
    const std::vector<Turn> turns = turns_of(entries, during);
    std::set<std::size_t> holding;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (turns[i].begins) {
            holding.insert(turns[i].index);
        } else {
            holding.erase(turns[i].index);
        }
        const bool is_settled = i + 1 == turns.size() || turns[i].at < turns[i + 1].at;
        if (!is_settled) {
            continue;
        }
        const Resource* const first = holding.empty() ? nullptr : &entries[*holding.begin()];
        if (sayings.back().from == turns[i].at) {
            sayings.back().entry = first;
        } else if (sayings.back().entry != first && turns[i].at < during.end) {
            sayings.push_back({turns[i].at, first});
        }
    }
    return sayings;
}

// What one file says of the instance asked about, and how far it was read.
struct Layer {
    std::size_t file = 0;
    std::vector<Saying> sayings;
    std::size_t at = 0;
};

std::vector<Instant> starts_of(const std::vector<Layer>& layers, Instant start) {
    std::vector<Instant> starts{start};
    for (const Layer& layer : layers) {
        for (const Saying& saying : layer.sayings) {
            starts.push_back(saying.from);
        }
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    return starts;
}

// An earlier file's word counts; later files fill in what is missing.
HeldStretch stretch_at(std::vector<Layer>& layers, Period during) {
    HeldStretch stretch{{during, {}, {}}, {}};
    for (Layer& layer : layers) {
        while (layer.at + 1 < layer.sayings.size() &&
               layer.sayings[layer.at + 1].from <= during.start) {
            ++layer.at;
        }
        const Resource* const entry = layer.sayings[layer.at].entry;
        if (entry == nullptr) {
            continue;
        }
        stretch.entries.push_back({layer.file, entry});
        if (stretch.owner.tenant.empty()) {
            stretch.owner.tenant = entry->tenant;
        }
        // insert keeps what an earlier file says of a label.
        stretch.owner.labels.insert(entry->labels.begin(), entry->labels.end());
    }
    if (stretch.owner.tenant.empty()) {
        stretch.owner.tenant = kUnassignedTenant;
    }
    return stretch;
}

}  // namespace

void ResourceTable::add_file(std::vector<Resource> entries, std::string file_name) {
    file_names_.push_back(std::move(file_name));
    auto& file = files_.emplace_back();
    for (Resource& entry : entries) {
        Key key{entry.service_type, entry.instance};
        file[std::move(key)].push_back(std::move(entry));
    }
}

std::vector<Ownership> ResourceTable::ownership(std::string_view service_type,
                                                std::string_view instance,
                                                Period during) const {
    std::vector<Ownership> stretches;
    for (HeldStretch& held : this->held(service_type, instance, during)) {
        const bool goes_on = !stretches.empty() && stretches.back().tenant == held.owner.tenant &&
                             stretches.back().labels == held.owner.labels;
        if (goes_on) {
            stretches.back().during.end = held.owner.during.end;
        } else {
            stretches.push_back(std::move(held.owner));
        }
    }
    return stretches;
}

std::vector<HeldStretch> ResourceTable::held(std::string_view service_type,
                                             std::string_view instance,
                                             Period during) const {
    const Key key{service_type, instance};
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < files_.size(); ++i) {
        const auto entries = files_[i].find(key);
        if (entries != files_[i].end()) {
            layers.push_back({i, sayings_of(entries->second, during)});
        }
    }
    const std::vector<Instant> starts = starts_of(layers, during.start);
    std::vector<HeldStretch> stretches;
    stretches.reserve(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const Instant end = i + 1 < starts.size() ? starts[i + 1] : during.end;
        stretches.push_back(stretch_at(layers, {starts[i], end}));
    }
    return stretches;
}

std::vector<ResourceTable::Key> ResourceTable::instances() const {
    std::set<Key> keys;
    for (const auto& file : files_) {
        for (const auto& [key, entries] : file) {
            keys.insert(key);
        }
    }
    return {keys.begin(), keys.end()};
}

std::vector<ResourceEntry> ResourceTable::entries_of(const Key& key) const {
    std::vector<ResourceEntry> all;
    for (std::size_t i = 0; i < files_.size(); ++i) {
        const auto entries = files_[i].find(key);
        if (entries == files_[i].end()) {
            continue;
        }
        for (const Resource& entry : entries->second) {
            all.push_back({i, &entry});
        }
    }
    return all;
}

std::size_t ResourceTable::entry_count(std::size_t file) const {
    std::size_t count = 0;
    for (const auto& [key, entries] : files_[file]) {
        count += entries.size();
    }
    return count;
}

}  // namespace dcm::rules
