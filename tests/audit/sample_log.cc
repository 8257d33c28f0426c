#include "sample_log.h"

#include "audit/hash.h"

namespace dcm::audit::testing {
namespace {

Hash leaf_of(const Record& record) {
    return leaf_hash(encode_leaf(record));
}

Frontier tree_of(const std::vector<Record>& rows, std::int64_t size) {
    Frontier tree;
    for (std::int64_t i = 0; i < size; ++i) {
        tree.append(leaf_of(rows[static_cast<std::size_t>(i)]));
    }
    return tree;
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

VerifiedLog verified_before(const SampleLog& log, std::int64_t size) {
    VerifiedLog before{kOrigin, tree_of(log.rows, size), std::nullopt, {}};
    if (size > 0) {
        before.last_recorded_at = log.rows[static_cast<std::size_t>(size) - 1].recorded_at;
    }
    return before;
}

// As honest tiles give it.
std::vector<Hash> proof_of(const SampleLog& log, const ConsistencyQuery& query) {
    ProofBuilder builder(consistency_ranges(query));
    for (std::int64_t i = 0; i < query.new_size; ++i) {
        builder.append(leaf_of(log.rows[static_cast<std::size_t>(i)]));
    }
    return builder.proof();
}

}  // namespace

StoredNotes notes_of(std::vector<StoredNote> notes) {
    return [notes = std::move(notes), next = std::size_t{0}]() mutable {
        return next < notes.size() ? std::optional(notes[next++]) : std::nullopt;
    };
}

SigningKey sample_key(char seed, const std::string& name) {
    return SigningKey::from_seed(name, std::string(32, seed));
}

void SampleLog::rebuild_tree() {
    tiles.clear();
    TileBuilder builder;
    std::vector<Tile> full;
    for (const Record& row : rows) {
        builder.append(leaf_of(row), full);
    }
    for (const Tile& tile : full) {
        tiles[{tile.level, tile.index}] = tile.hashes;
    }
    const auto size = static_cast<std::int64_t>(rows.size());
    tree = StoredTree{size,
                      tree_of(rows, size).hashes(),
                      static_cast<std::int64_t>(tiles.size()),
                      std::nullopt,
                      tree ? tree->seal : std::nullopt};
}

void SampleLog::set_seal(const SigningKey& key) {
    const Frontier rows_tree = tree_of(rows, tree->size);
    tree->seal = tree->size == 0 ? Seal() : seal_records(/*first=*/0, rows_tree, key);
}

std::string SampleLog::note(std::int64_t size, const SigningKey& key) const {
    return sign_checkpoint({kOrigin, size, tree_of(rows, size).root()}, key);
}

SampleLog make_log(std::int64_t size) {
    SampleLog log;
    for (std::int64_t seq = 0; seq < size; ++seq) {
        const std::string salt(32, static_cast<char>(seq % 100 + 1));
        const std::string payload = "payload " + std::to_string(seq);
        Record record;
        record.seq = seq;
        record.recorded_at = 1'000'000 + seq / 2;
        record.kind = kEventReceived;
        record.actor = "svc:host/1";
        record.subject = "vm/a";
        record.outcome = "accepted";
        record.body = R"({"word":"RUNNING"})";
        record.payload_commit = payload_commitment({salt, payload});
        record.payload_len = static_cast<std::int64_t>(payload.size());
        log.rows.push_back(record);
        log.payloads[seq] = {salt, payload, std::nullopt};
    }
    log.rebuild_tree();
    log.set_seal();
    return log;
}

Verdict verify(const SampleLog& log, const std::vector<Anchor>& anchors, const VerifySetup& setup) {
    VerifyOptions options;
    options.trusted = {setup.keys};
    options.quorum = setup.quorum;
    options.before = verified_before(log, setup.start);
    options.stored_tile = [&log](const TileId& id) -> std::optional<std::string> {
        const auto found = log.tiles.find({id.level, id.index});
        return found == log.tiles.end() ? std::nullopt : std::optional(found->second);
    };
    options.stored_proof = [&log](const ConsistencyQuery& query) { return proof_of(log, query); };
    LogVerifier verifier(options, notes_of(log.checkpoints), anchors);
    RowExaminer examiner;
    for (auto i = static_cast<std::size_t>(setup.start); i < log.rows.size(); ++i) {
        const Record& row = log.rows[i];
        const auto beside = log.payloads.find(row.seq);
        verifier.add(examiner.examine(row,
                                      beside == log.payloads.end()
                                          ? PayloadParts{}
                                          : PayloadParts{view(beside->second.salt),
                                                         view(beside->second.payload),
                                                         view(beside->second.headers)}));
    }
    verifier.compare(log.tree);
    return verifier.finish();
}

}  // namespace dcm::audit::testing
