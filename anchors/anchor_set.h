#pragma once

#include "anchors/anchor.h"
#include "base/clock.h"

#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dcm::anchors {

// How an anchor gets on, as this process saw it.
struct AnchorStatus {
    std::string name;
    std::int64_t size = 0;             // of the newest checkpoint it keeps; 0: none yet
    std::optional<Instant> kept_at;    // since when it keeps that
    std::optional<Instant> failed_at;  // since when it fails; absent while it does not
    std::string trouble;               // why
};

// The last notes that an anchor holds, one after the other.
struct NewestNotes {
    std::string name;
    std::string text;
};

// When an anchor that failed is asked again: once its pause is over, or at once.
enum class Retry { when_due, now };

// The anchors of one log. What one does not keep now it is offered later, after a pause that grows
// from a second to a minute; the others go on meanwhile. Remote ones have a thread each while they
// are at work, the others are asked one after the other by the thread that calls.
//
// One thread calls keep(); any may call the rest.
class AnchorSet {
public:
    // So many must keep a checkpoint; no more than there are.
    AnchorSet(std::vector<std::unique_ptr<Anchor>> anchors, std::size_t quorum, const Clock& clock);
    AnchorSet(const AnchorSet&) = delete;
    AnchorSet& operator=(const AnchorSet&) = delete;
    // Waits for what is under way.
    ~AnchorSet();

    // Offers the checkpoint to those that do not keep it yet, and returns when a quorum keeps it.
    // With Retry::now it waits until each one keeps it or has tried. Throws Failure (environment)
    // when fewer than a quorum keep it, Diverged when one of them holds another history.
    void keep(const SignedCheckpoint& checkpoint, Retry retry);

    // What the anchors hold at their ends. One that holds nothing, or cannot be read, is left out;
    // the latter is a notice. While keep() is not at work.
    [[nodiscard]] std::vector<NewestNotes> read_newest();
    // The log goes on under another name. Before the first keep().
    void forget();
    [[nodiscard]] std::vector<AnchorStatus> status() const;
    // What is worth a line in the log since the last call: an anchor fails, or keeps up again.
    [[nodiscard]] std::vector<std::string> take_notices();

private:
    struct Place;

    // Those to be asked now; from here on they are busy.
    [[nodiscard]] std::vector<Place*> take_due(std::int64_t size, Retry retry);
    void attempt(Place& place, const SignedCheckpoint& checkpoint);
    void kept(Place& place, std::int64_t size);
    void failed(Place& place, const std::string& why);
    void notice(const Place& place, const std::string& text);
    void warn(Place& place, std::vector<std::string> warnings);
    [[nodiscard]] bool is_busy() const;
    [[nodiscard]] std::size_t count_keeping(std::int64_t size) const;
    void require_quorum(std::int64_t size) const;

    std::size_t quorum_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> notices_;
    // Last, so that they end before what they use.
    std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace dcm::anchors
