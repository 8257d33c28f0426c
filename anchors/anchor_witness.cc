#include "anchors/anchor_witness.h"

#include "anchors/file_io.h"
#include "audit/state_text.h"
#include "audit/verdict.h"
#include "audit/witness.h"
#include "store/log_reader.h"

#include <utility>
#include <variant>

namespace dcm::anchors {
namespace {

constexpr std::string_view kAddCheckpoint = "/add-checkpoint";
// While a consumer goes on, the witness may know more than the file for a moment.
constexpr int kReadingsMax = 5;
// Clocks differ; beyond this one of them is wrong.
constexpr std::int64_t kSecondsAheadMax = 300;

audit::Checkpoint stated_in(const std::string& note, const std::filesystem::path& place) {
    Result<audit::Checkpoint> stated = audit::stated_checkpoint(note);
    if (!stated.ok()) {
        throw Failure(ErrorKind::malformed, stated.error().message + ", in " + place.string());
    }
    return std::move(stated).value();
}

std::string shown(const HttpAnswer& answer) {
    const std::string body = answer.body.substr(0, answer.body.find('\n'));
    return std::to_string(answer.status) + (body.empty() ? "" : ": " + audit::printable(body));
}

std::optional<std::int64_t> told_size(std::string_view body) {
    if (!body.ends_with('\n')) {
        return std::nullopt;
    }
    body.remove_suffix(1);
    const std::optional<std::int64_t> size = audit::number_in(body);
    return size && *size >= 0 ? size : std::nullopt;
}

}  // namespace

WitnessAnchor::WitnessAnchor(WitnessAnchorSetup setup, const Clock& clock)
    : setup_(std::move(setup)), clock_(clock), prover_(setup_.database) {}

std::vector<std::string> WitnessAnchor::warnings() const {
    std::vector<std::string> warnings;
    if (!setup_.key) {
        warnings.emplace_back("its cosignatures are not checked; give its verifier key as vkey");
    }
    if (is_ahead_) {
        warnings.push_back("it dates its cosignatures more than " +
                           std::to_string(kSecondsAheadMax) +
                           " s ahead of the clock here: one of the two clocks is wrong");
    }
    return warnings;
}

void WitnessAnchor::keep(const SignedCheckpoint& checkpoint) {
    const audit::Checkpoint& wanted = checkpoint.checkpoint;
    const std::optional<std::string> remembered = recall();
    const std::int64_t kept = remembered ? stated_in(*remembered, setup_.memory).size : 0;
    std::int64_t old_size = kept <= wanted.size ? kept : wanted.size;
    Answer answer = ask(old_size, wanted, checkpoint.note);
    if (!answer.cosigned) {
        if (answer.size < kept) {
            lost(answer.size, kept);
        }
        if (answer.size > wanted.size) {
            fail(
                "it cosigned " + std::to_string(answer.size) + " records, here are " +
                std::to_string(wanted.size) +
                " signed: another copy of this database has its cosignature, or this one is older");
        }
        if (answer.size == old_size) {
            fail("it cosigned another history of " + std::to_string(old_size) +
                 " records: another copy of this database has its cosignature");
        }
        old_size = answer.size;
        answer = ask(old_size, wanted, checkpoint.note);
    }
    if (!answer.cosigned) {
        fail("it tells one size and another, " + std::to_string(old_size) + " and then " +
             std::to_string(answer.size));
    }
    replace_file(setup_.memory, *answer.cosigned);
}

std::optional<AnchorContent> WitnessAnchor::read() {
    AnchorContent content{std::string()};
    std::string earlier;
    for (int reading = 0; reading < kReadingsMax; ++reading) {
        const std::optional<std::string> remembered = recall();
        const std::optional<std::string> note = remembered ? remembered : newest_note();
        if (!note) {
            return std::nullopt;
        }
        const audit::Checkpoint checkpoint = stated_in(*note, setup_.memory);
        // Of one size and root nothing changes at the witness, whatever it answers.
        Answer answer = ask(checkpoint.size, checkpoint, *note);
        if (answer.cosigned) {
            content.notes = *std::move(answer.cosigned);
            content.size_told = checkpoint.size;
            return content;
        }
        if (remembered && answer.size < checkpoint.size) {
            lost(answer.size, checkpoint.size);
        }
        if (answer.size == checkpoint.size) {
            fail("it cosigned another history of " + std::to_string(answer.size) + " records");
        }
        content.size_told = answer.size;
        // What it cosigned earlier is evidence as well, where that can be told from a forgery.
        earlier = remembered && setup_.key ? *note : "";
    }
    if (!earlier.empty()) {
        require_cosigned(earlier);
    }
    content.notes = earlier;
    return content;
}

WitnessAnchor::Answer WitnessAnchor::ask(std::int64_t old_size,
                                         const audit::Checkpoint& checkpoint,
                                         const std::string& note) {
    audit::AddCheckpoint request{old_size, {}, note};
    if (old_size < checkpoint.size) {
        request.proof = prover_.consistency({old_size, checkpoint.size});
    }
    const HttpAnswer answer = client_.post(setup_.url + std::string(kAddCheckpoint),
                                           audit::format_add_checkpoint(request));
    switch (static_cast<audit::WitnessStatus>(answer.status)) {
        case audit::WitnessStatus::cosigned: {
            std::string cosigned = note + answer.body;
            require_cosigned(cosigned);
            return {std::move(cosigned), checkpoint.size};
        }
        case audit::WitnessStatus::conflict:
            if (const auto size = told_size(answer.body)) {
                return {std::nullopt, *size};
            }
            break;
        case audit::WitnessStatus::unknown_log:
            fail("it does not know this log, or there is no witness: " + shown(answer));
        case audit::WitnessStatus::malformed:
        case audit::WitnessStatus::not_signed:
        case audit::WitnessStatus::bad_proof:
            break;
    }
    fail("expected a cosignature, got " + shown(answer));
}

void WitnessAnchor::require_cosigned(const std::string& note) {
    const Result<audit::Checkpoint> stated = audit::stated_checkpoint(note);
    if (!stated.ok()) {
        fail("expected signature lines, got something else: " + stated.error().message);
    }
    if (!setup_.key) {
        return;
    }
    const audit::OpenedNote opened = audit::open_checkpoint(note, *setup_.key);
    if (const auto* const problem = std::get_if<audit::NoteProblem>(&opened.state)) {
        fail("its cosignature: " + problem->message);
    }
    look_at_time(note);
}

void WitnessAnchor::look_at_time(const std::string& note) {
    const std::optional<audit::CosignedAt> time = audit::cosigned_at(note, *setup_.key);
    const std::int64_t now = clock_.now().micros / kMicrosPerSecond;
    is_ahead_ = time && time->seconds - kSecondsAheadMax > now;
}

std::optional<std::string> WitnessAnchor::recall() const {
    std::optional<std::string> note = read_file(setup_.memory, audit::kNoteBytesMax);
    // Of the log under another name, from before a fork, it says nothing.
    const bool is_ours =
        note && (setup_.origin.empty() || stated_in(*note, setup_.memory).origin == setup_.origin);
    return is_ours ? note : std::nullopt;
}

std::optional<std::string> WitnessAnchor::newest_note() const {
    store::Database database = store::Database::open_for_audit(setup_.database);
    if (!database.has_schema()) {
        return std::nullopt;
    }
    const auto newest = store::LogReader(database).newest_checkpoint();
    return newest ? std::optional(newest->note) : std::nullopt;
}

void WitnessAnchor::lost(std::int64_t told, std::int64_t kept) const {
    throw AnchorLost("anchor lost: " + name() + " had cosigned " + std::to_string(kept) +
                     " records, and now tells of " + std::to_string(told) +
                     "; once that is explained, remove " + setup_.memory.string() +
                     " to begin anew");
}

void WitnessAnchor::fail(const std::string& what) {
    throw Failure(ErrorKind::environment, what);
}

}  // namespace dcm::anchors
