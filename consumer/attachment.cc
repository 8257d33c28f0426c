#include "consumer/attachment.h"

#include "consumer/stored_message.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dcm::consumer {

Attachment::Attachment(NatsConnection& connection, AttachmentOptions options)
    : connection_(connection), options_(std::move(options)) {
    require_names(options_.names);
}

DurableInfo Attachment::read(WhenAbsent stream_absence) {
    const StreamInfo stream = ensure_stream(connection_, options_.names, stream_absence);
    if (created_ns_ != stream.created_ns) {
        created_ns_ = stream.created_ns;
        acknowledged_to_ = 0;
    }
    DurableInfo durable = look_at_durable(stream);
    if (is_ahead(durable, stream)) {
        durable = start_over();
    }
    for (const std::string& warning : durable.warnings) {
        tell(warning);
    }
    judge_reviewable(durable, stream);
    if (is_stale_ || durable.deliveries < watch_.last()) {
        watch_.begin(durable.deliveries);
    }
    question_ = Question{durable, watch_.mark(durable.deliveries)};
    review_at_ = std::chrono::steady_clock::now() + options_.review_interval;
    if (!read_before_ && options_.on_attached) {
        options_.on_attached(durable, reviewable_);
    }
    read_before_ = true;
    is_stale_ = false;
    return durable;
}

void Attachment::read_again() {
    is_stale_ = true;
    question_.reset();
}

bool Attachment::drained() {
    const std::optional<DurableInfo> durable = check_on_durable();
    const bool done =
        durable.has_value() && durable->undelivered == 0 && durable->unacknowledged == 0;
    if (done) {
        // The last look before the end.
        review_at_ = std::chrono::steady_clock::now();
    }
    return done;
}

std::optional<DurableInfo> Attachment::check_on_durable() {
    const StreamInfo stream = ensure_stream(connection_, options_.names, WhenAbsent::retry);
    if (stream.created_ns == created_ns_) {
        DurableInfo durable = look_at_durable(stream);
        const bool is_another = durable.is_new || durable.deliveries < watch_.last();
        if (!is_another && !is_ahead(durable, stream)) {
            return durable;
        }
    }
    read_again();
    return std::nullopt;
}

std::optional<store::SourceState> Attachment::state(Time now) {
    if (is_stale_) {
        return std::nullopt;
    }
    if (!question_.has_value() && now >= review_at_) {
        review_at_ = now + options_.review_interval;
        if (const auto durable = check_on_durable()) {
            question_ = Question{*durable, watch_.mark(durable->deliveries)};
        }
    }
    const bool answered =
        question_.has_value() && (watch_.others() || watch_.passed(question_->mark));
    if (!answered || !reviewable_) {
        return std::nullopt;
    }
    const StreamInfo stream = ensure_stream(connection_, options_.names, WhenAbsent::retry);
    if (stream.created_ns != created_ns_) {
        read_again();
        return std::nullopt;
    }
    const DurableInfo durable = std::exchange(question_, std::nullopt)->durable;
    return state_of(durable, stream);
}

StoredMessages Attachment::fetch(const store::SequenceRange& range, std::size_t count_max) {
    StoredMessages found =
        read_stored(connection_, {options_.names.stream, created_ns_}, range, count_max);
    if (!found.messages.empty()) {
        tell("fetched " + std::to_string(found.messages.size()) + " messages from sequence " +
             std::to_string(found.messages.front().stream_seq) +
             " on: they are acknowledged, but not recorded here");
        // There may be more.
        review_at_ = std::chrono::steady_clock::now();
    }
    return found;
}

DurableInfo Attachment::look_at_durable(const StreamInfo& stream) {
    const DurableStart start = start_in(stream);
    DurableInfo durable = ensure_durable(connection_, options_.names, WhenAbsent::create, start);
    if (durable.is_new && read_before_) {
        tell("durable '" + options_.names.durable + "' of stream '" + options_.names.stream +
             "' was gone: it is created again and begins at sequence " +
             std::to_string(start.sequence) + ", everything before is recorded");
    }
    acknowledged_to_ = std::max(acknowledged_to_, durable.acknowledged_to);
    return durable;
}

DurableStart Attachment::start_in(const StreamInfo& stream) const {
    std::int64_t to = stream.created_ns == created_ns_ ? acknowledged_to_ : 0;
    for (const store::AccountedStream& accounted : options_.accounted) {
        if (accounted.created_ns == stream.created_ns) {
            to = std::max(to, accounted.sequence);
        }
    }
    // A stream that lost its end uses sequences again: all of it is read, what is recorded is
    // known.
    return {to <= stream.last_seq ? to + 1 : 1};
}

// Such a durable would deliver nothing until the stream has grown past it.
bool Attachment::is_ahead(const DurableInfo& durable, const StreamInfo& stream) {
    return durable.delivered_to > stream.last_seq &&
           durable.delivered_to >
               ensure_stream(connection_, options_.names, WhenAbsent::retry).last_seq;
}

DurableInfo Attachment::start_over() {
    tell("durable '" + options_.names.durable + "' is past the end of stream '" +
         options_.names.stream +
         "', which has lost messages: it is created again and begins at the first, what is "
         "recorded already is recognised");
    delete_durable(connection_, options_.names);
    acknowledged_to_ = 0;
    return ensure_durable(connection_, options_.names, WhenAbsent::create);
}

void Attachment::judge_reviewable(const DurableInfo& durable, const StreamInfo& stream) {
    if (!reviewable_) {
        return;
    }
    if (!delivers_all(durable, stream)) {
        reviewable_ = false;
        tell("the filter of durable '" + options_.names.durable +
             "' leaves out subjects of the stream: lost messages cannot be told from those");
    } else if (!read_before_ && durable.requests > 0) {
        reviewable_ = false;
        tell("other members read durable '" + options_.names.durable +
             "': what they record is not looked for here");
    }
}

store::SourceState Attachment::state_of(const DurableInfo& durable,
                                        const StreamInfo& stream) const {
    store::SourceState state;
    state.stream = options_.names.stream;
    state.created_ns = stream.created_ns;
    state.durable = options_.names.durable;
    state.first_sequence = stream.first_seq;
    state.last_sequence = stream.last_seq;
    state.settled_to = durable.unacknowledged > 0
                           ? durable.acknowledged_to
                           : std::max(durable.acknowledged_to, durable.delivered_to);
    state.untouched = durable.deliveries == 0;
    state.shared = watch_.others();
    return state;
}

void Attachment::tell(std::string_view text) const {
    if (options_.on_notice) {
        options_.on_notice(text);
    }
}

}  // namespace dcm::consumer
