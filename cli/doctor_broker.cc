#include "cli/doctor.h"
#include "cli/nats.h"
#include "consumer/broker_check.h"

namespace dcm::cli {
namespace {

// Behind what is recorded of this very stream a durable may begin.
consumer::DurableTerms terms_in(const std::vector<store::RecordedStream>& recorded,
                                const std::string& name,
                                const consumer::StreamInfo& stream) {
    consumer::DurableTerms terms;
    for (const store::RecordedStream& one : recorded) {
        if (one.name == name && one.created_ns == stream.created_ns &&
            one.last_sequence <= stream.last_seq) {
            terms.start = one.last_sequence + 1;
        }
    }
    return terms;
}

}  // namespace

void check_broker(const Config& config,
                  const Clock& clock,
                  const std::vector<store::RecordedStream>& recorded,
                  Findings& findings) {
    const consumer::StreamNames names{config.nats.stream, config.nats.durable};
    consumer::NatsConnection connection(nats_options(config.nats));
    const bool is_reached = findings.attempt("broker", [&] {
        consumer::require_names(names);
        connection.ensure_open();
        findings.add({Severity::ok, "broker", connection.shown_urls(), ""});
    });
    if (!is_reached) {
        return;
    }
    try {
        findings.add_all(consumer::check_server(connection, clock, config.ingest.clock_skew_max));
    } catch (const Failure& unanswered) {
        // Some accounts may not ask this; nothing we need depends on it.
        findings.add({Severity::warn,
                      "server",
                      std::string("version and clock are not known: ") + unanswered.what(),
                      "allow the account to publish to $SYS.REQ.ACCOUNT.PING.STATZ"});
    }
    consumer::StreamInfo stream;
    const bool has_stream = findings.attempt("stream", [&] {
        stream = consumer::ensure_stream(connection, names, consumer::WhenAbsent::refuse);
        findings.add({Severity::ok,
                      "stream",
                      "'" + names.stream + "' carries dcm.*, " + std::to_string(stream.messages) +
                          " messages",
                      ""});
        findings.add_all(consumer::check_stream(connection, names));
    });
    if (has_stream) {
        static_cast<void>(findings.attempt("durable", [&] {
            findings.add_all(
                consumer::check_group(connection, names, terms_in(recorded, names.stream, stream)));
        }));
    }
}

}  // namespace dcm::cli
