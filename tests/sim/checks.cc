#include "tests/sim/checks.h"

#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "audit/signer.h"
#include "audit/verify.h"
#include "store/checkpoint_rows.h"
#include "store/examined_log.h"
#include "store/rebuild.h"
#include "store/shared_snapshot.h"
#include "store/usage_reader.h"
#include "tests/sim/consuming_process.h"

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace dcm::sim {
namespace {

namespace fs = std::filesystem;

std::vector<audit::Anchor> anchors_of(const fs::path& database, const Witness& witness) {
    std::vector<audit::Anchor> anchors;
    for (const fs::path& file : anchor_files(database)) {
        anchors.push_back({file.filename().string(), anchors::read_file(file)});
    }
    anchors.push_back({"witness", witness.text()});
    return anchors;
}

void add(Problems& problems, Problems more) {
    problems.insert(
        problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The order in which a checkpoint is made: the signer's state, the anchors, the database. So what
// the database has, all have.
Problems check_evidence(const fs::path& path, const std::vector<store::StoredCheckpoint>& stored) {
    Problems problems;
    const anchors::SignerPlaces places = signer_places(path);
    const auto state = anchors::read_file(places.state);
    const std::int64_t signed_size =
        state ? value_or_throw(audit::parse_signer_state(*state)).tree.size() : 0;
    for (const store::StoredCheckpoint& checkpoint : stored) {
        const std::string name = "the checkpoint of size " + std::to_string(checkpoint.size);
        if (checkpoint.size > signed_size) {
            problems.push_back(name + " is not in the signer's state");
        }
        for (const fs::path& file : anchor_files(path)) {
            if (anchors::read_file(file).value_or("").find(checkpoint.note) == std::string::npos) {
                problems.push_back(name + " is not in " + file.filename().string());
            }
        }
    }
    return problems;
}

audit::StoredNotes stored_notes(const store::LogReader& snapshot) {
    const auto rows = std::make_shared<store::CheckpointRows>(snapshot, /*size_min=*/0);
    return [rows]() -> std::optional<audit::StoredNote> {
        const auto checkpoint = rows->next();
        return checkpoint ? std::optional(audit::StoredNote{checkpoint->size, checkpoint->note})
                          : std::nullopt;
    };
}

// As cli/audit_verify.cc.
audit::Verdict verify(const fs::path& path, const Witness& witness, int quorum) {
    const std::vector<audit::Anchor> anchors = anchors_of(path, witness);
    audit::VerifyOptions options;
    options.quorum = quorum;
    const store::SharedSnapshot shared({path}, /*workers=*/1);
    if (!shared.has_schema()) {
        options.stored_tile = [](const audit::TileId& /*id*/) { return std::nullopt; };
        audit::LogVerifier verifier(options, nullptr, anchors);
        verifier.compare(std::nullopt);
        return verifier.finish();
    }
    const store::LogReader& snapshot = shared.first();
    if (fs::exists(signer_places(path).key)) {
        options.trusted.keys = anchors::load_key(signer_places(path).key).verifier();
    }
    options.stored_tile = [&snapshot](const audit::TileId& id) { return snapshot.tile(id); };
    audit::LogVerifier verifier(options, stored_notes(snapshot), anchors);
    store::examine_log(
        shared,
        0,
        {[&verifier](audit::ExaminedRow&& row) { verifier.add(std::move(row)); },
         [&verifier](std::int64_t seq) {
             verifier.add_finding(
                 {audit::FindingKind::tampered, seq, "a payload without its record"});
         }});
    const store::LogHead head = snapshot.head();
    verifier.compare(audit::StoredTree{
        head.size, head.frontier, snapshot.tile_count(), head.edge, snapshot.seal()});
    return verifier.finish();
}

Problems problems_of(const audit::Verdict& verdict) {
    Problems problems;
    for (const audit::Finding& finding : verdict.findings) {
        problems.push_back("verify: " + std::string(audit::word_of(finding.kind)) + ": " +
                           finding.text);
    }
    return problems;
}

struct Recorded {
    std::string payload;
    std::string subject;
    int times = 0;
};

// By broker position.
std::map<std::string, Recorded> recorded_messages(const store::LogReader& snapshot) {
    std::map<std::string, Recorded> recorded;
    snapshot.each_record(0,
                         std::numeric_limits<std::int64_t>::max(),
                         [&recorded](const audit::Record& record,
                                     const std::optional<store::StoredPayload>& stored) {
                             if (record.kind == audit::kEventReceived) {
                                 Recorded& one =
                                     recorded[record.broker_pos.value_or("no position")];
                                 one.payload = stored ? stored->payload.value_or("") : "";
                                 one.subject = stored ? stored->subject.value_or("") : "";
                                 ++one.times;
                             }
                         });
    return recorded;
}

Problems compare_with_stream(std::map<std::string, Recorded> recorded, const Broker& broker) {
    Problems problems;
    for (std::size_t index = 0; index < broker.stream().size(); ++index) {
        const Message& message = broker.stream()[index];
        const std::string name = "message " + std::to_string(message.stream_seq);
        const Recorded found = std::exchange(recorded[format_position(*message.position)], {});
        if (found.times != 1) {
            problems.push_back(name + " is in the log " + std::to_string(found.times) + " times" +
                               (broker.promised().contains(index) ? ", acknowledged" : ""));
        } else if (found.payload != message.payload || found.subject != message.subject) {
            problems.push_back(name + " is not in the log as it was delivered");
        }
    }
    for (const auto& [position, left] : recorded) {
        if (left.times != 0) {
            problems.push_back("a message nobody sent is in the log: " + position);
        }
    }
    return problems;
}

std::string name_of(const store::UsageReader& reader, std::int64_t log_seq) {
    const store::EventIdentity identity = reader.identity_of(log_seq);
    return identity.source + "#" + identity.id;
}

std::string text_of(const store::UsageReader& reader, const billing::Interval& interval) {
    return interval.provider + " " + interval.state + " " + format_rfc3339(interval.start) + " " +
           (interval.end ? format_rfc3339(*interval.end) : "open") + " by " +
           name_of(reader, interval.opened_by) + " " +
           (interval.closed_by ? name_of(reader, *interval.closed_by) : "-") +
           (interval.doubtful ? " doubtful" : "");
}

}  // namespace

void Witness::look(const fs::path& database) {
    const anchors::SignerPlaces places = signer_places(database);
    if (!fs::exists(places.key)) {
        return;
    }
    const audit::VerifierKey key = anchors::load_key(places.key).verifier();
    for (const fs::path& file : anchor_files(database)) {
        const std::string text = anchors::read_file(file).value_or("");
        for (std::string& note : value_or_throw(audit::split_notes(text))) {
            const audit::OpenedNote opened = audit::open_checkpoint(note, key);
            if (std::holds_alternative<audit::Checkpoint>(opened.state)) {
                notes_.insert(std::move(note));
            }
        }
    }
}

std::string Witness::text() const {
    std::string text;
    for (const std::string& note : notes_) {
        text += note;
    }
    return text;
}

Problems check_at_rest(const fs::path& database, const Witness& witness) {
    if (!fs::exists(database)) {
        return {};
    }
    try {
        store::Database opened = store::Database::open_for_audit({database});
        const audit::Verdict verdict = verify(database, witness, /*quorum=*/0);
        const bool is_accused = verdict.word == audit::word_of(audit::FindingKind::tampered) ||
                                verdict.word == audit::word_of(audit::FindingKind::rolled_back);
        Problems problems = is_accused ? problems_of(verdict) : Problems();
        if (opened.has_schema()) {
            add(problems, check_evidence(database, store::LogReader(opened).checkpoints()));
        }
        return problems;
    } catch (const Failure& failure) {
        // Only a writer can finish what a cut left of the first start.
        const bool is_unreadable = failure.kind() == ErrorKind::environment;
        return is_unreadable ? Problems() : Problems{std::string("verify: ") + failure.what()};
    }
}

Problems check_drained(const fs::path& database, const Witness& witness, const Broker& broker) {
    store::Database opened = store::Database::open_for_writing({database});
    Problems problems = problems_of(verify(database, witness, /*quorum=*/3));
    {
        const store::LogReader snapshot(opened);
        add(problems, check_evidence(database, snapshot.checkpoints()));
        add(problems, compare_with_stream(recorded_messages(snapshot), broker));
    }
    const store::RebuildOutcome rebuilt = store::rebuild(
        {database}, rules::standard_lifecycle(), [](std::int64_t /*done*/, std::int64_t /*all*/) {
        });
    if (!rebuilt.difference.empty()) {
        problems.push_back("rebuild: " + rebuilt.difference);
    }
    return problems;
}

std::vector<std::string> usage_of(const fs::path& database) {
    store::Database opened = store::Database::open_for_reading({database});
    const store::LogReader snapshot(opened);
    const rules::Lifecycle lifecycle = rules::standard_lifecycle();
    const store::UsageReader reader(snapshot, lifecycle);
    std::vector<std::string> usage;
    reader.each_instance({},
                         [&](const billing::InstanceKey& key, const billing::Timeline& timeline) {
                             usage.push_back(key.instance + " " + timeline.summary->status +
                                             " since " + format_rfc3339(timeline.summary->since) +
                                             " events " + std::to_string(timeline.summary->events));
                             for (const billing::Interval& interval : timeline.intervals) {
                                 usage.push_back(key.instance + " " + text_of(reader, interval));
                             }
                         });
    return usage;
}

}  // namespace dcm::sim
