#include "cli/doctor.h"
#include "cli/nats.h"
#include "consumer/broker_check.h"
#include "consumer/stored_message.h"

namespace dcm::cli {
namespace {

// What the consumer would ask of its durable on this very stream.
consumer::DurableTerms terms_in(const store::KnownStreams& known,
                                const consumer::StreamInfo& stream,
                                consumer::NatsConnection& connection,
                                const std::string& name) {
    std::int64_t recorded_to = 0;
    for (const store::RecordedStream& one : known.recorded) {
        recorded_to = one.created_ns == stream.created_ns ? one.last_sequence : recorded_to;
    }
    const store::AccountedStream account = store::account_of(stream.created_ns, known.accounted);
    const bool is_reviewed =
        account.sequence > 0 && !account.shared &&
        consumer::gives_out_messages(connection, {name, stream.created_ns}, account.sequence + 1);
    return consumer::durable_terms({account.sequence, recorded_to, stream.last_seq, is_reviewed});
}

}  // namespace

void check_broker(const Config& config,
                  const Clock& clock,
                  const store::KnownStreams& known,
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
            findings.add_all(consumer::check_group(
                connection, names, terms_in(known, stream, connection, names.stream)));
        }));
    }
}

}  // namespace dcm::cli
