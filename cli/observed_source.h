#pragma once

#include "cli/first_reading.h"
#include "consumer/message_source.h"

namespace dcm::cli {

// The same source; the first reading hears when it is asked, what it gives and what is recorded of
// that. Both outlive this.
class ObservedSource final : public consumer::MessageSource {
public:
    ObservedSource(consumer::MessageSource& source, FirstReading& reading)
        : source_(source), reading_(reading) {}

    void attach() override;
    [[nodiscard]] std::vector<Message> pull(std::size_t count_max,
                                            std::chrono::milliseconds wait) override;
    void acknowledge(std::span<const Message> messages) override;
    void keep(std::span<const Message* const> messages) override { source_.keep(messages); }
    [[nodiscard]] bool drained() override { return source_.drained(); }
    [[nodiscard]] std::optional<store::SourceState> state() override;
    [[nodiscard]] std::optional<store::StreamRewind> rewind() override { return source_.rewind(); }
    void rewind_recorded(const std::vector<BrokerPosition>& newest) override {
        source_.rewind_recorded(newest);
    }
    [[nodiscard]] consumer::StoredMessages first_held(const store::SequenceRange& range) override;
    [[nodiscard]] consumer::StoredMessages fetch(const store::SequenceRange& range,
                                                 std::size_t count_max) override;

private:
    consumer::MessageSource& source_;
    FirstReading& reading_;
};

}  // namespace dcm::cli
