#include "store/dictionaries.h"

#include "store/row_statement.h"

#include <map>
#include <utility>

namespace dcm::store {
namespace {

constexpr const char* kClearDictionaries = "DELETE FROM status_alias; DELETE FROM provider_name";
constexpr const char* kInsertAlias =
    "INSERT INTO status_alias (service_type, word, status) VALUES (?, ?, ?)";
constexpr const char* kInsertProvider =
    "INSERT INTO provider_name (source, provider) VALUES (?, ?)";
constexpr const char* kSelectAliases =
    "SELECT service_type || '/' || word, status FROM status_alias ORDER BY service_type, word";
constexpr const char* kSelectProviders =
    "SELECT source, provider FROM provider_name ORDER BY source";

using Dictionary = std::map<std::string, std::string, std::less<>>;

Dictionary aliases_of(const rules::Lifecycle& lifecycle) {
    Dictionary aliases;
    for (const auto& [service_type, service] : lifecycle.services) {
        for (const auto& [word, status] : service.aliases) {
            std::string key = service_type;
            key += '/';
            key += word;
            aliases.emplace(std::move(key), status);
        }
    }
    return aliases;
}

// The first key of which only one of the two has this value; empty when there is none.
std::string difference(soci::session& session, const char* select, const Dictionary& expected) {
    Dictionary stored;
    RowStatement rows(session, select);
    while (rows.fetch()) {
        stored.emplace(rows.text(0), rows.text(1));
    }
    for (const auto& [key, value] : expected) {
        const auto found = stored.find(key);
        if (found == stored.end() || found->second != value) {
            return key;
        }
        stored.erase(found);
    }
    return stored.empty() ? "" : stored.begin()->first;
}

}  // namespace

void write_dictionaries(soci::session& session, const rules::Lifecycle& lifecycle) {
    migrations::run_script(session, kClearDictionaries, "note the book");
    RowStatement insert_alias(session, kInsertAlias);
    for (const auto& [service_type, service] : lifecycle.services) {
        for (const auto& [word, status] : service.aliases) {
            insert_alias.bind(service_type).bind(word).bind(status).run();
        }
    }
    RowStatement insert_provider(session, kInsertProvider);
    for (const auto& [source, provider] : lifecycle.provider_names) {
        insert_provider.bind(source).bind(provider).run();
    }
}

std::string dictionary_difference(soci::session& session, const rules::Lifecycle& lifecycle) {
    if (auto key = difference(session, kSelectAliases, aliases_of(lifecycle)); !key.empty()) {
        return "status_alias " + key;
    }
    if (auto key = difference(session, kSelectProviders, lifecycle.provider_names); !key.empty()) {
        return "provider_name " + key;
    }
    return "";
}

}  // namespace dcm::store
