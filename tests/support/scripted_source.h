#pragma once

#include "base/result.h"
#include "consumer/message_source.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace dcm::support {

// A source that does what its script says: each pull takes the next entry, messages or a failure.
// It never waits. What was delivered and not acknowledged can be delivered again.
class ScriptedSource final : public consumer::MessageSource {
public:
    using Entry = std::variant<std::vector<Message>, Failure>;

    void deliver(std::vector<Message> messages) { script_.emplace_back(std::move(messages)); }
    void fail(const std::string& text, ErrorKind kind = ErrorKind::environment) {
        script_.emplace_back(Failure(kind, text));
    }
    // Delivers once more, after the script so far, what has no acknowledgement yet.
    void redeliver_unacknowledged() { script_.emplace_back(unacknowledged_); }

    [[nodiscard]] std::vector<Message> pull(std::size_t count_max,
                                            std::chrono::milliseconds /*wait*/) override {
        ++pulls_;
        if (script_.empty()) {
            return {};
        }
        if (const auto* failure = std::get_if<Failure>(&script_.front())) {
            const Failure copy = *failure;
            script_.pop_front();
            throw Failure(copy);
        }
        auto& rest = std::get<std::vector<Message>>(script_.front());
        const auto count = static_cast<std::ptrdiff_t>(std::min(count_max, rest.size()));
        std::vector<Message> out(rest.begin(), rest.begin() + count);
        rest.erase(rest.begin(), rest.begin() + count);
        if (rest.empty()) {
            script_.pop_front();
        }
        unacknowledged_.insert(unacknowledged_.end(), out.begin(), out.end());
        return out;
    }

    void acknowledge(std::span<const Message> messages) override {
        for (const Message& message : messages) {
            acknowledged_.push_back(message.payload);
            std::erase_if(unacknowledged_, [&](const Message& one) {
                return one.ack_subject == message.ack_subject;
            });
        }
    }

    void keep(std::span<const Message* const> messages) override {
        kept_max_ = std::max(kept_max_, messages.size());
        if (on_keep_) {
            on_keep_();
        }
    }

    [[nodiscard]] bool drained() override { return script_.empty() && unacknowledged_.empty(); }

    // Each look at the broker fails from now on.
    void refuse_reviews() { refuses_reviews_ = true; }
    [[nodiscard]] std::optional<store::SourceState> state() override {
        if (refuses_reviews_) {
            throw Failure(ErrorKind::environment, "no answer");
        }
        return std::nullopt;
    }

    // Payloads, in the order of their acknowledgement.
    [[nodiscard]] const std::vector<std::string>& acknowledged() const { return acknowledged_; }
    [[nodiscard]] int pulls() const { return pulls_; }
    // Called, in the thread that feeds, when the source is told that messages are still held.
    void on_keep(std::function<void()> told) { on_keep_ = std::move(told); }
    // The most messages that were told to be held at a time.
    [[nodiscard]] std::size_t kept_max() const { return kept_max_; }

private:
    std::deque<Entry> script_;
    std::vector<Message> unacknowledged_;
    std::vector<std::string> acknowledged_;
    int pulls_ = 0;
    bool refuses_reviews_ = false;
    std::size_t kept_max_ = 0;
    std::function<void()> on_keep_;
};

}  // namespace dcm::support
