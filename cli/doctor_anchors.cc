#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "audit/signer.h"
#include "cli/anchors.h"
#include "cli/doctor.h"
#include "cli/ingest_session.h"

#include <algorithm>
#include <variant>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

std::optional<audit::VerifierKey> read_key(const fs::path& file, Findings& findings) {
    std::error_code missing;
    if (!fs::exists(fs::symlink_status(file, missing))) {
        findings.add({Severity::warn,
                      "key",
                      "there is none at " + file.string(),
                      "restore it if this log was signed; else the first start makes one"});
        return std::nullopt;
    }
    std::optional<audit::VerifierKey> key;
    static_cast<void>(findings.attempt("key", [&] {
        key = anchors::load_key(file).verifier();
        findings.add({Severity::ok, "key", file.string(), ""});
    }));
    return key;
}

std::optional<std::int64_t> read_state(const fs::path& file) {
    const auto text = anchors::read_file(file);
    if (!text) {
        return std::nullopt;
    }
    const Result<audit::SignerState> state = audit::parse_signer_state(*text);
    if (!state.ok()) {
        throw Failure(ErrorKind::environment, state.error().message + ", in " + file.string());
    }
    return state.value().tree.size();
}

// The largest size that one of the notes is signed for.
std::int64_t largest_size(const std::string& text, const audit::VerifierKey& key) {
    std::int64_t largest = -1;
    for (const std::string& note : value_or_throw(audit::split_notes(text))) {
        const audit::OpenedNote opened = audit::open_checkpoint(note, key);
        if (const auto* const checkpoint = std::get_if<audit::Checkpoint>(&opened.state)) {
            largest = std::max(largest, checkpoint->size);
        }
    }
    return largest;
}

// An anchor file that is not there is told where its permissions are looked at.
void read_anchor(anchors::Anchor& anchor,
                 const audit::VerifierKey& key,
                 SignedSizes& sizes,
                 Findings& findings) {
    std::optional<anchors::AnchorContent> content = anchor.read_newest();
    for (const std::string& warning : anchor.warnings()) {
        findings.add({Severity::warn,
                      "anchor",
                      anchor.name() + ": " + warning,
                      "change its settings, or anchor in a stream that is made anew"});
    }
    if (!content) {
        if (anchor.is_remote()) {
            findings.add({Severity::warn,
                          "anchor",
                          anchor.name() + " keeps nothing of this log yet",
                          "a running consumer anchors within a second; else start it"});
        }
        return;
    }
    const std::int64_t size = largest_size(content->notes.rest(), key);
    if (size < 0) {
        throw Failure(ErrorKind::environment,
                      "expected a note that this log's key signed, found none in " + anchor.name());
    }
    sizes.anchors.push_back({anchor.name(), size, content->written_at});
}

}  // namespace

SignedSizes read_signed_sizes(const Config& config,
                              const store::DatabaseUrl& database,
                              const Clock& clock,
                              Findings& findings) {
    SignedSizes sizes;
    const anchors::SignerPlaces places = signer_places(config, database.path);
    static_cast<void>(findings.attempt(
        "signer's state", [&sizes, &places] { sizes.state = read_state(places.state); }));
    const auto key = read_key(places.key, findings);
    if (!key) {
        return sizes;
    }
    for (const auto& anchor : make_anchors(config, {database, key->name()}, clock)) {
        static_cast<void>(
            findings.attempt("anchor", [&] { read_anchor(*anchor, *key, sizes, findings); }));
    }
    return sizes;
}

void check_anchors(const SignedSizes& known,
                   std::int64_t signed_size,
                   Instant now,
                   Findings& findings) {
    for (const SignedSizes::Anchor& anchor : known.anchors) {
        std::string found = anchor.name + " knows " + std::to_string(anchor.size) + " of " +
                            std::to_string(signed_size) + " signed records";
        if (anchor.written_at) {
            const std::int64_t age = (now - *anchor.written_at).micros / kMicrosPerSecond;
            found += ", since " + format_rfc3339(*anchor.written_at) + ", " +
                     std::to_string(std::max<std::int64_t>(age, 0)) + " s ago";
        }
        if (anchor.size < signed_size) {
            findings.add({Severity::warn,
                          "anchor",
                          found,
                          "look whether it can be written to; a running consumer tells why not"});
        } else {
            findings.add({Severity::ok, "anchor", found, ""});
        }
    }
}

void check_quorum(const Config& config, Findings& findings) {
    const std::size_t count = std::max<std::size_t>(config.audit.anchors.size(), 1);
    const std::string found = std::to_string(config.audit.quorum) + " of " + std::to_string(count) +
                              " anchors must agree";
    if (config.audit.quorum > count) {
        findings.add({Severity::warn,
                      "quorum",
                      found + ": audit verify can never exit 0",
                      "set audit.quorum to at most that, or add anchors"});
    } else {
        findings.add({Severity::ok, "quorum", found, ""});
    }
}

}  // namespace dcm::cli
