#include "cli/explain_evidence.h"

#include "audit/record.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "store/event_record.h"
#include "store/instance_messages.h"
#include "store/merkle_reader.h"

#include <string_view>
#include <utility>

namespace dcm::cli {
namespace {

[[noreturn]] void refuse_log(const std::string& what) {
    throw Failure(ErrorKind::malformed,
                  "expected the log to be what its newest checkpoint says, but " + what +
                      "; run `dcm-billing audit verify`");
}

// The third line of a checkpoint, after origin and size.
audit::Hash root_of(const std::string& note) {
    std::string_view rest = note;
    for (int lines = 0; lines < 2; ++lines) {
        const std::size_t end = rest.find('\n');
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const auto bytes = base64_decode(rest.substr(0, rest.find('\n')));
    const auto root = bytes ? audit::hash_from_bytes(*bytes) : std::nullopt;
    if (!root) {
        refuse_log("the checkpoint holds no root");
    }
    return *root;
}

audit::Hash leaf_of(const store::LogReader& snapshot, std::int64_t seq) {
    audit::Hash leaf{};
    snapshot.each_leaf(seq, seq + 1, [&leaf](const audit::Record& record) {
        leaf = audit::leaf_hash(audit::encode_leaf(record));
    });
    return leaf;
}

}  // namespace

std::vector<billing::ToldEvent> told_events(const store::LogReader& snapshot,
                                            const billing::InstanceKey& key,
                                            const rules::Lifecycle& lifecycle) {
    std::vector<billing::ToldEvent> events;
    for (const store::RecordedMessage& message : store::messages_about(snapshot, key)) {
        billing::ToldEvent event;
        event.seq = message.seq;
        const Result<Instant> time = parse_rfc3339(message.event_time.value_or(""));
        event.has_event_time = time.ok();
        event.time = time.ok() ? time.value() : message.store_time;
        event.stream_seq = message.stream_seq;
        event.source = message.source.value_or("");
        event.id = message.id.value_or("");
        event.word = message.word.value_or("");
        event.status = store::recorded_status(lifecycle, key.service_type, event.word);
        event.verdict = message.verdict;
        event.reason = message.reason.value_or("");
        event.flags = message.flags;
        event.retried_at_seq = message.retried_at_seq;
        events.push_back(std::move(event));
    }
    return events;
}

std::optional<billing::Evidence> prove_events(const store::LogReader& snapshot,
                                              const std::vector<billing::ToldEvent>& events) {
    const auto checkpoint = snapshot.newest_checkpoint();
    if (!checkpoint) {
        return std::nullopt;
    }
    store::MerkleReader tree(snapshot);
    if (tree.size() < checkpoint->size) {
        refuse_log("it has fewer records");
    }
    const audit::Hash root = root_of(checkpoint->note);
    billing::Evidence evidence{checkpoint->size, checkpoint->note, {}};
    for (const billing::ToldEvent& event : events) {
        if (event.seq >= checkpoint->size) {
            continue;
        }
        if (event.seq < 0) {
            refuse_log("record " + std::to_string(event.seq) + " is not in it");
        }
        const audit::Hash leaf = leaf_of(snapshot, event.seq);
        const std::vector<audit::Hash> hashes =
            tree.proof(audit::inclusion_ranges({event.seq, checkpoint->size}));
        if (!audit::verify_inclusion({leaf, event.seq, checkpoint->size, root}, hashes)) {
            refuse_log("record " + std::to_string(event.seq) + " is not in it");
        }
        billing::EventProof& proof = evidence.proofs[event.seq];
        proof.leaf_hash = audit::to_base64(leaf);
        for (const audit::Hash& hash : hashes) {
            proof.hashes.push_back(audit::to_base64(hash));
        }
    }
    return evidence;
}

}  // namespace dcm::cli
