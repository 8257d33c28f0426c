#include "cli/own_records.h"

#include "anchors/anchor_set.h"
#include "anchors/signer.h"
#include "cli/anchors.h"
#include "cli/ingest_session.h"
#include "store/health.h"

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
    std::unique_ptr<store::IngestLock> lock;
    if (!store::ingesting_process(url)) {
        try {
            lock = std::make_unique<store::IngestLock>(url);
        } catch (const Failure&) {
            // It began between question and lock, or no lock file can be made: who ingests next
            // signs.
            lock.reset();
        }
    }
    return lock;
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

bool sign_unless_ingesting(Shell& shell,
                           store::Database& database,
                           const std::function<void()>& before) {
    const store::DatabaseUrl url = shell.database_url();
    const auto lock = lock_out_ingestion(url);
    if (!lock) {
        return false;
    }
    before();
    try {
        anchors::AnchorSet anchors(
            make_anchors(shell.config(), anchored_log(shell.config(), url, database)),
            shell.config().audit.quorum,
            shell.clock());
        anchors::Signer signer(
            database,
            {url, shell.config().audit.deployment, signer_places(shell.config(), url.path)},
            anchors,
            shell.clock());
        signer.sign();
        for (const std::string& notice : anchors.take_notices()) {
            spdlog::warn("{}", notice);
        }
    } catch (const Failure& failure) {
        spdlog::warn("recorded, but no checkpoint covers it yet: {}", failure.what());
    }
    return true;
}

int refuse(const std::string& message) {
    static_cast<void>(std::fprintf(stderr, "dcm-billing: %s\n", message.c_str()));
    return kExitNegative;
}

}  // namespace dcm::cli
