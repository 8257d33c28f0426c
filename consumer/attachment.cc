#include "consumer/attachment.h"

#include "consumer/stored_message.h"

#include <poll.h>

#include <algorithm>
#include <string>
#include <utility>

namespace dcm::consumer {
namespace {

// So long a stream may seem to end before what it holds.
constexpr std::chrono::milliseconds kBehindMax{2000};

}  // namespace

Attachment::Attachment(NatsConnection& connection, AttachmentOptions options)
    : connection_(connection), options_(std::move(options)) {
    require_names(options_.names);
}

DurableInfo Attachment::read(WhenAbsent stream_absence) {
    const StreamInfo stream = ensure_stream(connection_, options_.names, stream_absence);
    if (created_ns_ != stream.created_ns) {
        created_ns_ = stream.created_ns;
        acknowledged_to_ = 0;
        filters_.clear();
        is_rewound_ = false;
    }
    DurableInfo durable = look_at_durable(stream);
    if (!is_rewound_ && has_lost_end(stream)) {
        durable = start_over();
        is_rewound_ = true;
    } else if (is_ahead(durable, stream)) {
        durable = start_over();
    }
    for (const std::string& warning : durable.warnings) {
        tell(warning);
    }
    judge_reviewable(durable, stream);
    if (is_another(durable)) {
        durable_created_ns_ = durable.created_ns;
        ++durable_number_;
        is_stale_ = true;
    }
    if (is_stale_) {
        watch_.begin(durable.deliveries);
    }
    ask_question(durable);
    review_at_ = std::chrono::steady_clock::now() + options_.review_interval;
    if (!read_before_ && options_.on_attached) {
        options_.on_attached(durable, is_reviewable());
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
    } else if (durable) {
        require_progress(*durable);
    }
    return done;
}

// What nobody acknowledges is delivered again after ack_wait: twice that long nothing changes only
// where the broker does not do so, or somebody holds messages without end.
void Attachment::require_progress(const DurableInfo& durable) {
    constexpr std::chrono::nanoseconds shortest = std::chrono::seconds(5);
    const std::chrono::nanoseconds ack_wait(durable.ack_wait_ns);
    if (standstill_.length(durable, std::chrono::steady_clock::now()) <
        std::max(shortest, 2 * ack_wait)) {
        return;
    }
    throw Refused("durable '" + options_.names.durable + "' stands still: undelivered messages " +
                  std::to_string(durable.undelivered) + ", unacknowledged " +
                  std::to_string(durable.unacknowledged) + ", acknowledged to sequence " +
                  std::to_string(durable.acknowledged_to) +
                  "; another member may hold them, or this account may not ask for messages "
                  "or acknowledge them");
}

std::optional<DurableInfo> Attachment::check_on_durable() {
    const StreamInfo stream = ensure_stream(connection_, options_.names, WhenAbsent::retry);
    if (stream.created_ns == created_ns_ && (is_rewound_ || !has_lost_end(stream))) {
        DurableInfo durable = look_at_durable(stream);
        if (!is_another(durable) && !is_ahead(durable, stream)) {
            return durable;
        }
    }
    read_again();
    return std::nullopt;
}

std::optional<store::SourceState> Attachment::state(Time now) {
    if (is_stale_ || is_rewound_) {
        return std::nullopt;
    }
    if (now >= review_at_ && (!question_.has_value() || !is_reviewable())) {
        review_at_ = now + options_.review_interval;
        if (const auto durable = check_on_durable()) {
            others_ask_ =
                others_ask_ && (watch_.others() || durable->requests > options_.requests_max);
            ask_question(*durable);
        }
    }
    if (!is_answered() || !is_reviewable()) {
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

void Attachment::ask_question(const DurableInfo& durable) {
    question_ = Question{durable, watch_.mark(durable.deliveries)};
}

bool Attachment::is_answered() const {
    return question_.has_value() && (watch_.others() || watch_.passed(question_->mark));
}

void Attachment::recorded(std::span<const Message> messages) {
    // What comes late, of the stream before it lost its end, is no word about the one after.
    if (is_rewound_) {
        return;
    }
    std::vector<BrokerPosition> positions;
    positions.reserve(messages.size());
    for (const Message& message : messages) {
        if (message.position.has_value()) {
            positions.push_back(*message.position);
        }
    }
    options_.recorded.add(positions);
}

std::optional<store::StreamRewind> Attachment::rewind() {
    if (!is_rewound_ || is_stale_ || !is_answered()) {
        return std::nullopt;
    }
    const StreamInfo stream = ensure_stream(connection_, options_.names, WhenAbsent::retry);
    if (stream.created_ns != created_ns_) {
        read_again();
        return std::nullopt;
    }
    const std::int64_t nothing_to = std::max<std::int64_t>(0, stream.first_seq - 1);
    return store::StreamRewind{options_.names.stream, created_ns_, stream.last_seq, nothing_to};
}

void Attachment::rewind_recorded(const std::vector<BrokerPosition>& newest) {
    options_.recorded = KnownPositions(newest);
    is_rewound_ = false;
}

StoredMessages Attachment::first_held(const store::SequenceRange& range) {
    return read_stored(connection_, {options_.names.stream, created_ns_}, range, 1);
}

StoredMessages Attachment::fetch(const store::SequenceRange& range, std::size_t count_max) {
    StoredMessages found =
        read_stored(connection_, {options_.names.stream, created_ns_}, range, count_max);
    if (!found.messages.empty()) {
        tell("messages that are acknowledged, but not recorded here, are fetched from sequence " +
             std::to_string(found.messages.front().stream_seq) +
             " on: " + std::to_string(found.messages.size()));
        // There may be more.
        review_at_ = std::chrono::steady_clock::now();
    }
    return found;
}

DurableInfo Attachment::look_at_durable(const StreamInfo& stream) {
    const DurableTerms terms = terms_in(stream);
    DurableInfo durable = ensure_durable(connection_, options_.names, WhenAbsent::create, terms);
    if (durable.is_new && read_before_) {
        tell("durable '" + options_.names.durable + "' of stream '" + options_.names.stream +
             "' is not there: it is created and begins at " +
             (terms.start == 1
                  ? "the first message"
                  : "sequence " + std::to_string(terms.start) + ", everything before is recorded"));
    }
    acknowledged_to_ = std::max(acknowledged_to_, durable.acknowledged_to);
    filters_ = durable.filters;
    return durable;
}

DurableTerms Attachment::terms_in(const StreamInfo& stream) const {
    const std::int64_t heard = stream.created_ns == created_ns_ ? acknowledged_to_ : 0;
    const store::AccountedStream account = store::account_of(stream.created_ns, options_.accounted);
    const auto recorded = options_.recorded.of(stream.created_ns);
    const std::int64_t to = std::max(heard, account.sequence);
    const bool is_reviewed =
        to > 0 && is_reviewable() && !account.shared && !watch_.others() &&
        gives_out_messages(connection_, {options_.names.stream, stream.created_ns}, to + 1);
    DurableTerms terms = durable_terms(
        {to, recorded.empty() ? 0 : recorded.back().sequence, stream.last_seq, is_reviewed});
    terms.filters = filters_;
    return terms;
}

bool Attachment::is_another(const DurableInfo& durable) const {
    return durable.created_ns != durable_created_ns_ || durable.deliveries < watch_.last();
}

// Such a durable would deliver nothing until the stream has grown past it.
bool Attachment::is_ahead(const DurableInfo& durable, const StreamInfo& stream) {
    return ends_before(durable.delivered_to, stream);
}

// Messages come while we ask; and a server that has just come to lead a cluster may be behind.
bool Attachment::ends_before(std::int64_t sequence, const StreamInfo& stream) {
    StreamInfo now = stream;
    for (const std::chrono::milliseconds pause : {std::chrono::milliseconds(0), kBehindMax}) {
        if (sequence <= now.last_seq || now.created_ns != stream.created_ns) {
            return false;
        }
        static_cast<void>(poll(nullptr, 0, static_cast<int>(pause.count())));
        now = ensure_stream(connection_, options_.names, WhenAbsent::retry);
    }
    return sequence > now.last_seq && now.created_ns == stream.created_ns;
}

// One message decides: the newest recorded one that is there. A stream that has grown again tells
// it by nothing else.
bool Attachment::has_lost_end(const StreamInfo& stream) {
    const auto recorded = options_.recorded.of(stream.created_ns);
    for (std::size_t left = recorded.size(); left > 0; --left) {
        const BrokerPosition& known = recorded[left - 1];
        if (known.sequence < stream.first_seq) {
            return false;
        }
        if (known.sequence > stream.last_seq) {
            return ends_before(known.sequence, stream);
        }
        const StoredMessages found = read_stored(connection_,
                                                 {options_.names.stream, known.created_ns},
                                                 {known.sequence, known.sequence},
                                                 1);
        if (!found.refusal.empty()) {
            tell_refusal(found.refusal);
            return false;
        }
        if (!found.messages.empty()) {
            return found.messages.front().position != known;
        }
    }
    return false;
}

void Attachment::tell_refusal(std::string_view refusal) {
    if (!std::exchange(is_refusal_told_, true)) {
        tell("the broker gives out no single message of stream '" + options_.names.stream +
             "': whether others took the place of recorded ones cannot be told (" +
             std::string(refusal) + ")");
    }
}

DurableInfo Attachment::start_over() {
    tell("stream '" + options_.names.stream + "' has lost its end: durable '" +
         options_.names.durable +
         "' is created again and begins at the first message, what is recorded already is "
         "recognised");
    delete_durable(connection_, options_.names);
    acknowledged_to_ = 0;
    std::erase_if(options_.accounted, [this](const store::AccountedStream& accounted) {
        return accounted.created_ns == created_ns_;
    });
    DurableTerms terms;
    terms.filters = filters_;
    return ensure_durable(connection_, options_.names, WhenAbsent::create, terms);
}

void Attachment::judge_reviewable(const DurableInfo& durable, const StreamInfo& stream) {
    if (!delivers_all_) {
        return;
    }
    if (!delivers_all(durable, stream)) {
        delivers_all_ = false;
        tell("the filter of durable '" + options_.names.durable +
             "' leaves out subjects of the stream: lost messages cannot be told from those");
    } else if (!read_before_ && durable.requests > 0) {
        others_ask_ = true;
        tell("other members ask for messages of durable '" + options_.names.durable +
             "': as long as they do, what they record is not looked for here");
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
