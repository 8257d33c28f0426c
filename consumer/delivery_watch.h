#pragma once

#include <cstdint>

namespace dcm::consumer {

// Counts a durable's deliveries as this member sees them. The broker numbers the deliveries of a
// durable without gaps, whoever gets them: a number that skips some tells of another member. Pure.
class DeliveryWatch {
public:
    // What the broker had delivered at a moment, and what we had taken by then.
    struct Mark {
        std::int64_t delivered = 0;
        std::int64_t taken = 0;
    };

    // The broker has made so many deliveries; what of them has not come to us will not come.
    void begin(std::int64_t delivered);
    // So many messages came since the last call; the newest was delivery number `last`.
    void took(std::int64_t count, std::int64_t last);
    // So many were acknowledged, in the order they were taken; the newest was delivery `last`.
    void acknowledged(std::int64_t count, std::int64_t last);

    [[nodiscard]] Mark mark(std::int64_t delivered) const { return {delivered, taken_}; }
    // Whether all of the mark's deliveries are acknowledged by us.
    [[nodiscard]] bool passed(const Mark& mark) const {
        return acknowledged_last_ >= mark.delivered && acknowledged_ >= mark.taken;
    }
    // Whether somebody else got deliveries since the last begin().
    [[nodiscard]] bool others() const { return others_; }
    [[nodiscard]] std::int64_t last() const { return last_; }

private:
    std::int64_t last_ = 0;
    std::int64_t acknowledged_last_ = 0;
    std::int64_t taken_ = 0;
    std::int64_t acknowledged_ = 0;
    bool others_ = false;
};

}  // namespace dcm::consumer
