#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace dcm::consumer {

struct PullSettings {
    std::int64_t batch = 500;       // messages one request asks for
    std::int64_t requests_max = 3;  // requests outstanding at a time
    // Of the messages one request asks for, with subjects and headers. A larger one is asked for
    // with twice as much, and so on.
    std::int64_t bytes = std::int64_t{4} * 1'048'576;
    std::chrono::milliseconds expires{5000};
    std::chrono::milliseconds heartbeat{1000};
};

// What we asked the broker for and have not got yet. Pure: time is an argument.
//
// A delivered message does not tell which request it answers, so the messages still to come are
// counted over all requests. What the count gets wrong (a request that ended without a word) is
// corrected when the request's time is over.
class PullWindow {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit PullWindow(const PullSettings& settings) : settings_(settings) {}

    [[nodiscard]] bool wants_request() const {
        return awaited_ + settings_.batch <= settings_.batch * settings_.requests_max;
    }
    // A request goes out; the number it is known by.
    std::int64_t requested(Time now);
    // A message came.
    void delivered() { awaited_ -= awaited_ > 0 ? 1 : 0; }
    // The broker ended a request with so many messages undelivered.
    void ended(std::int64_t request, std::int64_t undelivered);
    // Anything came, be it a heartbeat.
    void heard(Time now) { heard_at_ = now; }
    // The broker refused a request, as there are too many already: it counts as outstanding until
    // its time is over, so that no other is made in its place.
    void postponed(std::int64_t request);
    // Gives up requests whose time is over; the broker does not always say so.
    void age_out(Time now);
    // Whether the time of all requests is over and none was made since: whoever would answer the
    // next may be another, of which we would not have heard.
    [[nodiscard]] bool is_overdue(Time now) const { return last_number_ > 0 && last_over_ <= now; }
    // Whether two heartbeats are missing while a request is outstanding.
    [[nodiscard]] bool silent(Time now) const;
    // Nothing of what was asked for will come.
    void forget();

    [[nodiscard]] std::int64_t awaited() const { return awaited_; }
    [[nodiscard]] const PullSettings& settings() const { return settings_; }

private:
    struct Request {
        std::int64_t number = 0;
        Time over;
        bool is_postponed = false;  // no heartbeat comes for it
    };

    [[nodiscard]] std::deque<Request>::iterator find(std::int64_t request);
    // No more can come than the requests that are still alive ask for.
    void bound_awaited();

    PullSettings settings_;
    std::deque<Request> requests_;
    std::int64_t awaited_ = 0;
    std::int64_t last_number_ = 0;
    Time last_over_;
    Time heard_at_;
};

}  // namespace dcm::consumer
