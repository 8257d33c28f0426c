#include "consumer/fleet.h"

#include "consumer/fleet_lifecycle.h"
#include "consumer/fleet_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::consumer {
namespace {

// Messages a duplicate can be one of, and how far a late one can fall behind.
constexpr std::size_t kRecentMax = 256;
constexpr std::int64_t kHeldBackMax = 400;
constexpr Duration kFlapGap{2'000};
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kUuidShape = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
constexpr std::int64_t kEventsMax = 1'000'000'000;
constexpr std::int64_t kInstancesMax = 10'000'000;

// Of ten providers six have machines, two containers, two clusters.
constexpr std::array<std::string_view, 10> kTypes{
    "vm", "container", "cluster", "vm", "vm", "vm", "container", "vm", "cluster", "vm"};

}  // namespace

Result<Fleet> Fleet::make(const FleetOptions& options) {
    const auto wrong = [](const std::string& what) { return malformed("fleet: expected " + what); };
    if (options.instances < 1 || options.instances > kInstancesMax) {
        return wrong("1 to " + std::to_string(kInstancesMax) + " instances");
    }
    if (options.providers < 1 || options.providers > options.instances) {
        return wrong("at least one provider and no more than instances");
    }
    if (options.events < 1 || options.events > kEventsMax) {
        return wrong("1 to " + std::to_string(kEventsMax) + " events");
    }
    const Duration length = options.period.end - options.period.start;
    if (length.micros / options.events < 1) {
        return wrong("a period of at least a microsecond for each event");
    }
    return Fleet(options);
}

Fleet::Fleet(const FleetOptions& options) : options_(options), random_(options.seed) {
    make_providers();
    slots_.resize(static_cast<std::size_t>(options_.instances));
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        slots_[index].provider = index % providers_.size();
        slots_[index].id = new_uuid();
    }
}

void Fleet::make_providers() {
    for (std::int64_t index = 0; index < options_.providers; ++index) {
        const auto position = static_cast<std::size_t>(index);
        Provider provider;
        provider.service_type = kTypes.at(position % kTypes.size());
        provider.source =
            "dcm/providers/" + provider.service_type + "-provider-" + std::to_string(index + 1);
        // The manners of publishers in the field: phases in title case, whole seconds, attributes
        // in headers.
        provider.title_case = index % 5 == 0;
        provider.whole_seconds = index % 3 == 1;
        provider.binary = index % 4 == 3;
        providers_.push_back(std::move(provider));
    }
}

std::optional<Message> Fleet::next() {
    if (published_ == options_.events) {
        return std::nullopt;
    }
    const std::int64_t count = published_++;
    const auto due = held_back_.begin();
    if (due != held_back_.end() && due->first <= count) {
        Message message = std::move(due->second);
        held_back_.erase(due);
        return message;
    }
    const Duration length = options_.period.end - options_.period.start;
    const std::int64_t stride = length.micros / options_.events;
    const Instant at = options_.period.start + Duration{count * stride + random_.below(stride)};
    Message message = step(at);
    recent_.push_back(message);
    if (recent_.size() > kRecentMax) {
        recent_.pop_front();
    }
    return message;
}

Message Fleet::step(Instant at) {
    const FleetMix& mix = options_.mix;
    if (random_.happens(mix.late)) {
        hold_back(fresh(at));
    }
    std::int64_t dice = random_.below(1'000);
    if (dice < mix.invalid) {
        return invalid(at);
    }
    dice -= mix.invalid;
    if (dice < mix.duplicates && !recent_.empty()) {
        return recent_[index_below(recent_.size())];
    }
    dice -= mix.duplicates;
    if (dice < mix.resyncs) {
        const Instance& instance = pick();
        return instance.status.empty() ? fresh(at) : report(instance, at);
    }
    dice -= mix.resyncs;
    return dice < mix.flaps ? flap(at) : fresh(at);
}

Message Fleet::fresh(Instant at) {
    Instance& instance = pick();
    change_status(instance);
    return report(instance, at);
}

void Fleet::change_status(Instance& instance) {
    if (instance.status == kDeletedStatus) {
        instance.id = new_uuid();
        instance.status.clear();
    }
    const std::string& type = providers_[instance.provider].service_type;
    instance.status = next_status(type, instance.status, random_);
}

// Three messages: this one, and two held back for the turns that follow.
Message Fleet::flap(Instant at) {
    const Instance& instance = pick();
    const Duration room = options_.period.end - at;
    if (instance.status.empty() || room.micros <= 2 * kFlapGap.micros) {
        return fresh(at);
    }
    Instance fallen = instance;
    fallen.status = flap_status(providers_[instance.provider].service_type);
    held_back_.emplace(published_, report(fallen, at + kFlapGap));
    held_back_.emplace(published_, report(instance, at + kFlapGap + kFlapGap));
    return report(instance, at);
}

Message Fleet::invalid(Instant at) {
    Message message = report(pick(), at);
    spoil(message, random_.below(kSpoilings));
    return message;
}

void Fleet::hold_back(Message message) {
    const std::int64_t last = options_.events - 1;
    held_back_.emplace(std::min(published_ + random_.below(kHeldBackMax), last),
                       std::move(message));
}

Message Fleet::report(const Instance& instance, Instant at) {
    const Provider& provider = providers_[instance.provider];
    StatusText text;
    text.event_id = new_uuid();
    text.source = provider.source;
    text.service_type = provider.service_type;
    text.instance = instance.id;
    text.status = provider.title_case ? title_case(instance.status) : instance.status;
    const Instant second =
        std::max(options_.period.start, Instant{at.micros - at.micros % kMicrosPerSecond});
    text.time = provider.whole_seconds ? second : at;
    return provider.binary ? binary_message(text) : structured_message(text);
}

std::string Fleet::new_uuid() {
    std::string text(kUuidShape);
    std::uint64_t bits = 0;
    int left = 0;
    for (char& symbol : text) {
        if (symbol != 'x') {
            continue;
        }
        if (left == 0) {
            bits = random_.next();
            left = 16;
        }
        symbol = kDigits[bits & 15U];
        bits >>= 4U;
        --left;
    }
    return text;
}

}  // namespace dcm::consumer
