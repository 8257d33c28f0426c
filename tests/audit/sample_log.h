#pragma once

#include "audit/verify.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcm::audit::testing {

inline const std::string kOrigin = "example/audit/0123456789abcdef";

// One after the other, as a database gives them.
[[nodiscard]] StoredNotes notes_of(std::vector<StoredNote> notes);

[[nodiscard]] SigningKey sample_key(char seed = 'k', const std::string& name = kOrigin);

// A log as a database would hold it, whole until a test damages it.
struct SampleLog {
    struct Payload {
        std::optional<std::string> salt;
        std::optional<std::string> payload;
        std::optional<std::string> headers;
    };

    std::vector<Record> rows;
    std::map<std::int64_t, Payload> payloads;
    std::map<std::pair<int, std::int64_t>, std::string> tiles;
    std::optional<StoredTree> tree;
    std::vector<StoredNote> checkpoints;

    // Derives tiles and head again from the rows, as an attacker who covers his tracks would; the
    // seal stays as it is.
    void rebuild_tree();
    // As a writer with this key does.
    void set_seal(const SigningKey& key = sample_key());
    // The signed note of the first `size` rows.
    [[nodiscard]] std::string note(std::int64_t size, const SigningKey& key = sample_key()) const;
};

// So many events, each with a payload, then head, tiles and seal; no stored checkpoint.
[[nodiscard]] SampleLog make_log(std::int64_t size);

struct VerifySetup {
    std::optional<LogKeys> keys = sample_key().verifier();
    int quorum = 1;
    std::int64_t start = 0;  // verified before
};
[[nodiscard]] Verdict verify(const SampleLog& log,
                             const std::vector<Anchor>& anchors,
                             const VerifySetup& setup = {});

}  // namespace dcm::audit::testing
