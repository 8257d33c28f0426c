#include "cli/own_records.h"

#include "anchors/anchor_set.h"
#include "anchors/file_io.h"
#include "anchors/signer.h"
#include "audit/signer.h"
#include "cli/anchors.h"
#include "cli/ingest_session.h"
#include "store/health.h"
#include "store/log_reader.h"
#include "store/merkle_reader.h"

#include <pwd.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <vector>

namespace dcm::cli {
namespace {

constexpr std::size_t kPasswordEntryBytes = 16'384;

// None while another process ingests.
std::unique_ptr<store::IngestLock> lock_out_ingestion(const store::DatabaseUrl& url) {
    if (store::ingesting_process(url)) {
        return nullptr;
    }
    try {
        return std::make_unique<store::IngestLock>(url);
    } catch (const Failure&) {
        if (store::ingesting_process(url)) {
            return nullptr;  // it began between question and lock
        }
        throw;
    }
}

// A database that was rolled back or restored is evidence: with a record more it would look
// tampered with. The state is read first: beside a process that ingests it only grows.
void require_what_was_signed(store::Database& database, const std::filesystem::path& place) {
    const auto text = anchors::read_file(place);
    if (!text) {
        return;
    }
    const Result<audit::SignerState> state = audit::parse_signer_state(*text);
    if (!state.ok()) {
        throw Failure(ErrorKind::malformed, state.error().message + ", in " + place.string());
    }
    const audit::Frontier& signed_tree = state.value().tree;
    const store::LogReader snapshot(database);
    store::MerkleReader tree(snapshot);
    if (tree.size() < signed_tree.size() ||
        (signed_tree.size() > 0 && tree.root(signed_tree.size()) != signed_tree.root())) {
        throw Failure(ErrorKind::environment,
                      "nothing was changed: expected a database with the " +
                          std::to_string(signed_tree.size()) + " records that were signed, as " +
                          place.string() + " says, got one of " + std::to_string(tree.size()) +
                          " that lacks some: it was rolled back or restored from a backup; see "
                          "audit verify");
    }
}

audit::SigningKey open_what_was_signed(store::Database& database,
                                       const anchors::SignerSetup& setup) {
    require_what_was_signed(database, setup.places.state);
    return anchors::open_log(database, setup);
}

}  // namespace

std::string user_actor() {
    struct passwd entry {};
    struct passwd* found = nullptr;
    std::vector<char> texts(kPasswordEntryBytes);
    const uid_t user = ::getuid();
    const bool is_known =
        ::getpwuid_r(user, &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr;
    return "user:" + (is_known ? std::string(entry.pw_name) : std::to_string(user));
}

OwnRecords::OwnRecords(Shell& shell, store::Database& database)
    : shell_(shell),
      database_(database),
      lock_(lock_out_ingestion(shell.database_url())),
      key_(open_what_was_signed(database, signer_setup(shell))) {}

void OwnRecords::sign() {
    DCM_CHECK(is_alone());
    const store::DatabaseUrl url = shell_.database_url();
    const Config& config = shell_.config();
    try {
        anchors::AnchorSet anchors(make_anchors(config, anchored_log(config, url, database_)),
                                   config.audit.quorum,
                                   shell_.clock());
        anchors::Signer signer(database_, signer_setup(shell_), key_, anchors, shell_.clock());
        signer.sign();
        for (const std::string& notice : anchors.take_notices()) {
            spdlog::warn("{}", notice);
        }
    } catch (const Failure& failure) {
        spdlog::warn("recorded, but no checkpoint covers it yet: {}", failure.what());
    }
}

int refuse(const std::string& message) {
    static_cast<void>(std::fprintf(stderr, "dcm-billing: %s\n", message.c_str()));
    return kExitNegative;
}

}  // namespace dcm::cli
