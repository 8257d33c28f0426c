#pragma once

#include "billing/names.h"
#include "store/derived_ledger.h"
#include "store/digest_filter.h"
#include "store/event_record.h"
#include "store/known_instances.h"
#include "store/log_row.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// An event whose verdict was recorded later than the message: at `verdict_seq` it was retried.
struct RetriedEvent {
    std::int64_t verdict_seq = 0;
    RecordedEvent event;
};

// Every retried verdict before `log_size` that accepted its message, in the order of the messages.
[[nodiscard]] std::vector<RetriedEvent> read_retried_events(soci::session& session,
                                                            std::int64_t log_size);

// What the log is read with; the same for all its stretches.
struct LogContext {
    const KnownInstances& instances;
    const std::vector<RetriedEvent>& retried;
    std::int64_t projected_to = 0;  // events from here on are in no table yet
};

// What the derived tables must hold of one stretch of the log.
class LogStretch {
public:
    struct Event {
        std::int64_t instance_no = 0;
        std::int64_t log_seq = 0;
        std::int64_t time = 0;
        std::int64_t stream_seq = 0;
        std::uint32_t source = 0;
        std::uint32_t word = 0;
    };

    // Throws Failure (malformed) when an accepted record tells no event.
    LogStretch(soci::session& session, SeqRange range, const LogContext& context);
    LogStretch(const LogStretch&) = delete;
    LogStretch& operator=(const LogStretch&) = delete;
    ~LogStretch() = default;

    // Of known instances, by (instance_no, log_seq).
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] std::string_view source_of(const Event& event) const {
        return sources_.text_of(event.source);
    }
    [[nodiscard]] std::string_view word_of(const Event& event) const {
        return words_.text_of(event.word);
    }
    // The subject of the first event whose instance is not known; empty when there is none.
    [[nodiscard]] const std::string& stranger() const { return stranger_; }
    [[nodiscard]] const std::vector<DigestEntry>& identities() const { return identities_; }
    // The known instances whose first event was accepted here, by seq.
    [[nodiscard]] const std::vector<DigestEntry>& instances() const { return instances_; }
    [[nodiscard]] const std::vector<RecordedRun>& runs() const { return runs_.runs(); }

private:
    void read(soci::session& session, SeqRange range, const LogContext& context);
    void add_retried(SeqRange range, const LogContext& context);
    void add_instances_retried(SeqRange range, const LogContext& context);
    // Whether the instance became known by this record follows from its number.
    void note_instance(std::string_view subject,
                       std::int64_t seq,
                       std::optional<std::int64_t> number);
    // `event` is complete but for its instance, whose number is returned when it is known.
    std::optional<std::int64_t> add(Event event,
                                    std::string_view subject,
                                    const KnownInstances& instances);

    billing::Names sources_;
    billing::Names words_;
    std::vector<Event> events_;
    std::string stranger_;
    std::vector<DigestEntry> identities_;
    std::vector<DigestEntry> instances_;
    RunBuilder runs_;
};

struct EventPlace {
    std::int64_t instance_no = 0;
    std::int64_t log_seq = 0;

    auto operator<=>(const EventPlace&) const = default;  // NOLINT(modernize-use-nullptr)
};
// How a row of instance_event is named to a person.
[[nodiscard]] std::string told_event(const EventPlace& place);

// The first row of instance_event in the segment that is not as the stretch says; empty when there
// is none.
[[nodiscard]] std::string event_difference(soci::session& session,
                                           std::int64_t segment,
                                           const LogStretch& stretch);

}  // namespace dcm::store
