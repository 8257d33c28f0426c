#include "cli/own_records.h"

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
      anchors_(make_anchor_set(shell, database)),
      key_(anchors::open_log(database, signer_setup(shell), anchors_)) {}

std::vector<std::string> OwnRecords::log_names() const {
    std::vector<std::string> names;
    for (const audit::VerifierKey& key : key_.keys.all()) {
        names.push_back(key.name());
    }
    return names;
}

void OwnRecords::sign() {
    DCM_CHECK(is_alone());
    try {
        anchors::Signer signer(database_, signer_setup(shell_), key_, anchors_, shell_.clock());
        signer.sign();
        for (const std::string& notice : anchors_.take_notices()) {
            spdlog::warn("{}", notice);
        }
    } catch (const Failure& failure) {
        spdlog::warn("recorded, but no checkpoint covers it yet: {}", failure.what());
    }
}

int refuse(const std::string& message, int exit_code) {
    static_cast<void>(std::fprintf(stderr, "dcm-billing: %s\n", message.c_str()));
    return exit_code;
}

}  // namespace dcm::cli
