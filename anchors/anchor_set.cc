#include "anchors/anchor_set.h"

#include "store/beside.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dcm::anchors {
namespace {

constexpr Duration kPauseFirst{kMicrosPerSecond};
constexpr Duration kPauseMax{60 * kMicrosPerSecond};
// Nobody takes them while the program stops.
constexpr std::size_t kNoticesMax = 100;

// How far it is behind, as far as this process knows.
std::string lag_of(const AnchorStatus& status) {
    return status.kept_at ? "it keeps " + std::to_string(status.size) + " records since " +
                                format_rfc3339(*status.kept_at)
                          : "nothing is kept there by this process";
}

}  // namespace

struct AnchorSet::Place {
    explicit Place(std::unique_ptr<Anchor> its) : anchor(std::move(its)) {
        status.name = anchor->name();
    }

    std::unique_ptr<Anchor> anchor;
    AnchorStatus status;
    Duration pause = kPauseFirst;
    Instant due_at;
    bool is_busy = false;
    std::vector<std::string> warnings;  // told
    std::string diverged;               // why nothing may be signed any more
    std::future<void> work;
};

AnchorSet::AnchorSet(std::vector<std::unique_ptr<Anchor>> anchors,
                     std::size_t quorum,
                     const Clock& clock)
    : quorum_(std::min(quorum, anchors.size())), clock_(clock) {
    for (std::unique_ptr<Anchor>& anchor : anchors) {
        places_.push_back(std::make_unique<Place>(std::move(anchor)));
    }
}

AnchorSet::~AnchorSet() = default;

void AnchorSet::keep(const SignedCheckpoint& checkpoint, Retry retry) {
    const std::int64_t size = checkpoint.checkpoint.size;
    const std::vector<Place*> due = take_due(size, retry);
    // Remote ones first: they are at work while the others are asked.
    for (Place* const place : due) {
        if (place->anchor->is_remote()) {
            place->work = std::async(store::kBeside,
                                     [this, place, checkpoint] { attempt(*place, checkpoint); });
        }
    }
    for (Place* const place : due) {
        if (!place->anchor->is_remote()) {
            attempt(*place, checkpoint);
        }
    }
    for (Place* const place : due) {
        // `deferred`: no thread was to be had, and it is done here.
        if (place->work.valid() &&
            place->work.wait_for(std::chrono::seconds(0)) == std::future_status::deferred) {
            place->work.get();
        }
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, size, retry] {
        return !is_busy() || (retry == Retry::when_due && count_keeping(size) >= quorum_);
    });
    require_quorum(size);
}

std::vector<AnchorSet::Place*> AnchorSet::take_due(std::int64_t size, Retry retry) {
    std::vector<Place*> due;
    const Instant now = clock_.now();
    std::unique_lock lock(mutex_);
    if (retry == Retry::now) {
        changed_.wait(lock, [this] { return !is_busy(); });
    }
    for (const std::unique_ptr<Place>& place : places_) {
        const bool is_its_time = retry == Retry::now || now >= place->due_at;
        if (!place->is_busy && place->status.size != size && is_its_time) {
            place->is_busy = true;
            due.push_back(place.get());
        }
    }
    return due;
}

void AnchorSet::attempt(Place& place, const SignedCheckpoint& checkpoint) {
    // Whatever happens, the place is free again.
    const auto free = [this](Place* busy) {
        const std::lock_guard lock(mutex_);
        busy->is_busy = false;
        changed_.notify_all();
    };
    const std::unique_ptr<Place, decltype(free)> freed(&place, free);
    try {
        place.anchor->keep(checkpoint);
        kept(place, checkpoint.checkpoint.size);
        warn(place, place.anchor->warnings());
    } catch (const Diverged& diverged) {
        failed(place, diverged.what());
        const std::lock_guard lock(mutex_);
        place.diverged = diverged.what();
    } catch (const Failure& failure) {
        failed(place, failure.what());
    }
}

void AnchorSet::kept(Place& place, std::int64_t size) {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    if (place.status.failed_at) {
        notice(place, "keeps up again, with " + std::to_string(size) + " records");
    }
    place.status.size = size;
    place.status.kept_at = now;
    place.status.failed_at.reset();
    place.status.trouble.clear();
    place.pause = kPauseFirst;
    place.due_at = {};
}

void AnchorSet::failed(Place& place, const std::string& why) {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    notice(place,
           why + "; " + lag_of(place.status) + ", trying again in " +
               std::to_string(place.pause.micros / kMicrosPerSecond) + " s");
    place.status.failed_at = place.status.failed_at.value_or(now);
    place.status.trouble = why;
    place.due_at = Instant{now.micros + place.pause.micros};
    place.pause = Duration{std::min(place.pause.micros * 2, kPauseMax.micros)};
}

void AnchorSet::warn(Place& place, std::vector<std::string> warnings) {
    const std::lock_guard lock(mutex_);
    if (warnings == place.warnings) {
        return;
    }
    for (const std::string& warning : warnings) {
        notice(place, warning);
    }
    place.warnings = std::move(warnings);
}

bool AnchorSet::is_busy() const {
    return std::any_of(
        places_.begin(), places_.end(), [](const auto& place) { return place->is_busy; });
}

std::size_t AnchorSet::count_keeping(std::int64_t size) const {
    return static_cast<std::size_t>(
        std::count_if(places_.begin(), places_.end(), [size](const auto& place) {
            return place->status.size == size;
        }));
}

void AnchorSet::require_quorum(std::int64_t size) const {
    std::string troubles;
    for (const std::unique_ptr<Place>& place : places_) {
        if (!place->diverged.empty()) {
            throw Diverged("nothing is signed any more: anchor " + place->status.name + ": " +
                           place->diverged);
        }
        if (place->status.failed_at) {
            troubles += "; anchor " + place->status.name + ": " + place->status.trouble;
        }
    }
    const std::size_t keeping = count_keeping(size);
    if (keeping < quorum_) {
        throw Failure(ErrorKind::environment,
                      "expected " + std::to_string(quorum_) +
                          " anchors to keep the newest checkpoint, " + std::to_string(keeping) +
                          " do" + troubles);
    }
}

std::vector<NewestNotes> AnchorSet::read_newest() {
    std::vector<NewestNotes> newest;
    for (const std::unique_ptr<Place>& place : places_) {
        try {
            if (auto content = place->anchor->read_newest()) {
                newest.push_back({place->status.name, content->notes.rest()});
            }
        } catch (const Failure& failure) {
            const std::lock_guard lock(mutex_);
            notice(*place, failure.what());
        }
    }
    return newest;
}

void AnchorSet::forget() {
    for (const std::unique_ptr<Place>& place : places_) {
        place->anchor->forget();
    }
}

void AnchorSet::notice(const Place& place, const std::string& text) {
    if (notices_.size() < kNoticesMax) {
        notices_.push_back("anchor " + place.status.name + ": " + text);
    }
}

std::vector<AnchorStatus> AnchorSet::status() const {
    const std::lock_guard lock(mutex_);
    std::vector<AnchorStatus> all;
    for (const std::unique_ptr<Place>& place : places_) {
        all.push_back(place->status);
    }
    return all;
}

std::vector<std::string> AnchorSet::take_notices() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notices_, {});
}

}  // namespace dcm::anchors
