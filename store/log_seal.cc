#include "store/log_seal.h"

#include "store/log_head.h"
#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kSealing = "seal the log";
constexpr const char* kSelectSeal =
    "SELECT coalesce(first, -1), coalesce(size, -1), coalesce(root, X''),"
    " coalesce(signature, X'00') FROM audit_seal WHERE id = 1";
constexpr const char* kUpdateSeal =
    "UPDATE audit_seal SET first = :first, size = :size, root = CAST(:root AS BLOB),"
    " signature = CAST(:signature AS BLOB) WHERE id = 1";

}  // namespace

std::optional<audit::Seal> read_seal(soci::session& session) {
    audit::Seal seal;
    soci::statement statement = (session.prepare << kSelectSeal,
                                 soci::into(seal.first),
                                 soci::into(seal.size),
                                 soci::into(seal.root),
                                 soci::into(seal.signature));
    return fetch_one(statement) ? std::optional(seal) : std::nullopt;
}

void write_seal(soci::session& session, const audit::Seal& seal) {
    soci::statement update = (session.prepare << kUpdateSeal,
                              soci::use(seal.first, "first"),
                              soci::use(seal.size, "size"),
                              soci::use(seal.root, "root"),
                              soci::use(seal.signature, "signature"));
    update.execute(/*withDataExchange=*/true);
    if (update.get_affected_rows() != 1) {
        throw Failure(ErrorKind::malformed,
                      "audit log: its seal is missing; nothing was written, run `dcm-billing "
                      "audit verify`");
    }
}

void seal_history(Database& database, const audit::Frontier& tree, const audit::SigningKey& key) {
    guarded(kSealing, [&] {
        soci::session& session = database.session();
        migrations::WriteTransaction transaction(session, kSealing);
        std::int64_t size = 0;
        std::string frontier;
        session << kSelectLogHead, soci::into(size), soci::into(frontier);
        const auto seal = read_seal(session);
        if (!seal || !seal->signature.empty() || size != tree.size() || frontier != tree.hashes()) {
            throw Failure(ErrorKind::malformed,
                          "audit log: expected " + std::to_string(tree.size()) +
                              " records that nobody sealed, somebody wrote to it meanwhile");
        }
        write_seal(session, audit::seal_records(/*first=*/0, tree, key));
        transaction.commit();
    });
}

}  // namespace dcm::store
