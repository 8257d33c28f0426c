#include "tests/store/store_fixture.h"

#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace dcm::store::test {
namespace {

using Connection = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

Connection connect(const DatabaseUrl& url) {
    sqlite3* raw = nullptr;
    if (sqlite3_open_v2(url.path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
        throw std::runtime_error("cannot open " + url.path.string());
    }
    return {raw, sqlite3_close};
}

}  // namespace

DecidedMessage message_of(const EventSpec& spec) {
    billing::StatusEvent event;
    event.source = spec.source;
    event.id = spec.id;
    event.service_type = spec.service_type;
    event.instance = spec.instance;
    event.word = spec.word;
    event.time = Instant{spec.time_s * kMicrosPerSecond + spec.time_us};
    const auto lifecycle = rules::standard_lifecycle();
    event.provider = lifecycle.provider_of(event.source);
    event.status = lifecycle.status_of(event.service_type, event.word).value_or(event.word);
    Message message;
    message.subject = "dcm." + spec.service_type;
    message.payload = spec.payload;
    message.store_time = event.time;
    message.stream_seq = spec.stream_seq;
    if (spec.stream_seq != 0) {
        message.position =
            BrokerPosition{"dcm-status", 7, spec.stream_seq, spec.time_s * kNanosPerSecond};
    }
    return {std::move(message), std::move(event)};
}

DecidedMessage rejected_message(billing::Reason reason) {
    DecidedMessage decided = message_of({});
    billing::Rejection rejection;
    rejection.reason = reason;
    decided.decision = rejection;
    return decided;
}

IngestCounts record(IngestStore& store, const std::vector<DecidedMessage>& batch) {
    auto drafts = Drafter().draft(batch);
    return store.append(drafts);
}

std::vector<DraftedMessage> drafts_of(const std::vector<EventSpec>& specs) {
    std::vector<DecidedMessage> batch;
    batch.reserve(specs.size());
    for (const EventSpec& spec : specs) {
        batch.push_back(message_of(spec));
    }
    return Drafter().draft(std::move(batch));
}

IngestCounts Fixture::append(const std::vector<EventSpec>& specs) {
    auto batch = drafts_of(specs);
    return store.append(batch);
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> query_rows(const DatabaseUrl& url, const std::string& sql) {
    const Connection connection = connect(url);
    std::vector<std::string> rows;
    char* message = nullptr;
    const auto collect = [](void* target, int count, char** values, char** /*names*/) {
        std::string row;
        for (int i = 0; i < count; ++i) {
            row += i == 0 ? "" : "|";
            row += values[i] == nullptr ? "NULL" : values[i];
        }
        static_cast<std::vector<std::string>*>(target)->push_back(row);
        return 0;
    };
    if (sqlite3_exec(connection.get(), sql.c_str(), collect, &rows, &message) != SQLITE_OK) {
        const std::string why = message;
        sqlite3_free(message);
        throw std::runtime_error(why);
    }
    return rows;
}

std::string query_text(const DatabaseUrl& url, const std::string& sql) {
    const auto rows = query_rows(url, sql);
    return rows.empty() ? "no row" : rows.front();
}

std::string run_sql(const DatabaseUrl& url, const std::string& sql) {
    try {
        static_cast<void>(query_rows(url, sql));
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

struct HeldWriteLock::Connection {
    test::Connection handle;
};

HeldWriteLock::HeldWriteLock(const DatabaseUrl& url)
    : connection_(std::make_unique<Connection>(Connection{connect(url)})) {
    if (sqlite3_exec(connection_->handle.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) !=
        SQLITE_OK) {
        throw std::runtime_error("cannot lock " + url.path.string());
    }
}

HeldWriteLock::~HeldWriteLock() = default;

}  // namespace dcm::store::test
