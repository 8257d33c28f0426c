// The peer of the ingest benchmark: what a careful programmer writes in an afternoon. One thread
// pulls, parses, inserts each event under UNIQUE (source, id), opens and closes intervals, commits
// every 500 messages and then acknowledges. No verdicts, no audit log, no late events.

#include "bench/drained_stream.h"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using nlohmann::json;

constexpr std::size_t kBatch = 500;

constexpr const char* kSchema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE event (source TEXT NOT NULL, id TEXT NOT NULL, instance TEXT NOT NULL,"
    " status TEXT NOT NULL, time TEXT NOT NULL, payload TEXT NOT NULL, UNIQUE (source, id));"
    "CREATE TABLE interval (instance TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,"
    " status TEXT NOT NULL, PRIMARY KEY (instance, started_at))";
constexpr const char* kInsertEvent =
    "INSERT OR IGNORE INTO event (source, id, instance, status, time, payload) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kCloseInterval =
    "UPDATE interval SET ended_at = ? WHERE instance = ? AND ended_at IS NULL";
constexpr const char* kOpenInterval =
    "INSERT OR IGNORE INTO interval (instance, started_at, status) VALUES (?, ?, ?)";

class Database {
public:
    explicit Database(const char* path) {
        require(sqlite3_open(path, &connection_));
        run(kSchema);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close_v2(connection_); }

    void run(const char* sql) {
        require(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr));
    }
    [[nodiscard]] sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        require(sqlite3_prepare_v2(connection_, sql, -1, &statement, nullptr));
        return statement;
    }
    [[nodiscard]] int changes() const { return sqlite3_changes(connection_); }
    void require(int result) const {
        if (result != SQLITE_OK && result != SQLITE_DONE) {
            throw std::runtime_error(sqlite3_errmsg(connection_));
        }
    }

private:
    sqlite3* connection_ = nullptr;
};

class Statement {
public:
    Statement(Database& database, const char* sql)
        : database_(database), statement_(database.prepare(sql), sqlite3_finalize) {}

    template <typename... Texts>
    void run(const Texts&... texts) {
        int place = 0;
        (database_.require(sqlite3_bind_text(statement_.get(),
                                             ++place,
                                             texts.data(),
                                             static_cast<int>(texts.size()),
                                             SQLITE_STATIC)),
         ...);
        database_.require(sqlite3_step(statement_.get()));
        database_.require(sqlite3_reset(statement_.get()));
    }

private:
    Database& database_;
    std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

class Consumer {
public:
    explicit Consumer(const char* path)
        : database_(path),
          insert_event_(database_, kInsertEvent),
          close_interval_(database_, kCloseInterval),
          open_interval_(database_, kOpenInterval) {}

    void record(const std::vector<dcm::Message>& batch) {
        database_.run("BEGIN IMMEDIATE");
        for (const dcm::Message& message : batch) {
            record_one(message);
        }
        database_.run("COMMIT");
    }

private:
    static std::string text(const json& object, const char* name) {
        const auto member = object.find(name);
        return member != object.end() && member->is_string() ? member->get<std::string>() : "";
    }

    // Structured mode has the attributes in the payload, binary mode in the headers.
    static std::string attribute(const dcm::Message& message, const json& body, const char* name) {
        if (body.contains("specversion")) {
            return text(body, name);
        }
        for (const dcm::Header& header : message.headers) {
            if (header.name == std::string("ce-") + name) {
                return header.value;
            }
        }
        return "";
    }

    void record_one(const dcm::Message& message) {
        const json body = json::parse(message.payload, nullptr, /*allow_exceptions=*/false);
        if (!body.is_object()) {
            return;
        }
        const json data = body.contains("specversion") ? body.value("data", json()) : body;
        const std::string instance = text(data, "id");
        const std::string status = text(data, "status");
        if (instance.empty() || status.empty()) {
            return;
        }
        const std::string source = attribute(message, body, "source");
        const std::string id = attribute(message, body, "id");
        const std::string time = attribute(message, body, "time");
        insert_event_.run(source, id, instance, status, time, message.payload);
        if (database_.changes() == 1) {
            close_interval_.run(time, instance);
            open_interval_.run(instance, time, status);
        }
    }

    Database database_;
    Statement insert_event_;
    Statement close_interval_;
    Statement open_interval_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        static_cast<void>(
            std::fprintf(stderr, "usage: bench_straightforward URL DURABLE DATABASE\n"));
        return 2;
    }
    try {
        Consumer consumer(argv[3]);
        const auto record = [&consumer](const std::vector<dcm::Message>& batch) {
            consumer.record(batch);
        };
        std::printf("%ld\n", dcm::bench::drain({argv[1], argv[2]}, kBatch, record));
        return 0;
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "bench_straightforward: %s\n", error.what()));
        return 4;
    }
}
