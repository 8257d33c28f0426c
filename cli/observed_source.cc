#include "cli/observed_source.h"

namespace dcm::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

FirstReading::Answer answer_of(bool has_messages) {
    return has_messages ? FirstReading::Answer::messages : FirstReading::Answer::nothing;
}

}  // namespace

void ObservedSource::attach() {
    reading_.asked(SteadyClock::now());
    source_.attach();
    reading_.answered(FirstReading::Answer::nothing, SteadyClock::now());
}

std::vector<Message> ObservedSource::pull(std::size_t count_max, std::chrono::milliseconds wait) {
    reading_.asked(SteadyClock::now());
    std::vector<Message> messages = source_.pull(count_max, wait);
    reading_.answered(answer_of(!messages.empty()), SteadyClock::now());
    return messages;
}

void ObservedSource::acknowledge(std::span<const Message> messages) {
    source_.acknowledge(messages);
    reading_.read(static_cast<std::int64_t>(messages.size()));
}

std::optional<store::SourceState> ObservedSource::state() {
    reading_.asked(SteadyClock::now());
    std::optional<store::SourceState> state = source_.state();
    reading_.answered(FirstReading::Answer::nothing, SteadyClock::now());
    return state;
}

consumer::StoredMessages ObservedSource::first_held(const store::SequenceRange& range) {
    reading_.asked(SteadyClock::now());
    consumer::StoredMessages found = source_.first_held(range);
    reading_.answered(FirstReading::Answer::nothing, SteadyClock::now());
    return found;
}

consumer::StoredMessages ObservedSource::fetch(const store::SequenceRange& range,
                                               std::size_t count_max) {
    reading_.asked(SteadyClock::now());
    consumer::StoredMessages found = source_.fetch(range, count_max);
    reading_.answered(answer_of(!found.messages.empty()), SteadyClock::now());
    return found;
}

}  // namespace dcm::cli
