#pragma once

#include "anchors/anchor_set.h"
#include "audit/log_keys.h"
#include "audit/note.h"
#include "audit/signer.h"
#include "store/log_reader.h"

#include <filesystem>
#include <optional>
#include <string>

namespace dcm::anchors {

// Where the key and the signer's state are kept, outside the database.
struct SignerPlaces {
    std::filesystem::path key;
    std::filesystem::path state;
};

// Which log is written to and signed, and as what.
struct SignerSetup {
    store::DatabaseUrl url;
    std::string deployment;
    SignerPlaces places;
};

// The key a log is written and signed with, and all keys it has had.
struct LogKey {
    audit::SigningKey signing;
    audit::LogKeys keys;
    // The key before, while a change of keys is being signed.
    std::optional<audit::SigningKey> retiring;
};

// `<deployment>/audit/<log id>`: the origin line of checkpoints and the name of the key.
[[nodiscard]] std::string origin_of(const std::string& deployment, const std::string& log_id);

// Makes the log's key where it has none and was never signed. Throws Failure: environment when
// there is a file already, malformed when the log was signed by a key that is lost.
audit::SigningKey create_log_key(store::Database& database, const SignerSetup& setup);

// What every process does before it writes to the log: takes its key, which is made where the log
// was never signed; looks whether the database is what was signed (quick_check); and seals what was
// recorded before there were seals. Throws Failure: malformed when the key is not this log's, or is
// lost; NotAsSigned when the database is not what was signed, or records would be sealed that an
// older version cannot have left.
[[nodiscard]] LogKey open_log(store::Database& writer,
                              const SignerSetup& setup,
                              AnchorSet& anchors);

// The log's key as it is, without a look at the database. Throws Failure as open_log does.
[[nodiscard]] LogKey load_log_key(store::Database& database, const SignerSetup& setup);

// What the state file says; nullopt where there is none. Throws Failure (malformed) when it is
// damaged.
[[nodiscard]] std::optional<audit::SignerState> read_signer_state(
    const std::filesystem::path& file);

// What was signed last: what the state file says, or, where it is lost, what the newest stored
// checkpoint proves. Throws Failure: malformed when the file is damaged, environment when the
// checkpoint is not what the records give.
[[nodiscard]] audit::SignerState signed_state(const store::LogReader& snapshot,
                                              const std::filesystem::path& file,
                                              const audit::LogKeys& keys);

// The tree over the first `size` rows, read again.
[[nodiscard]] audit::Frontier read_again(const store::LogReader& snapshot, std::int64_t size);

// The tree as the head has it. Throws Failure (environment) when size and frontier do not fit.
[[nodiscard]] audit::Frontier head_of(const store::LogReader& snapshot);

}  // namespace dcm::anchors
