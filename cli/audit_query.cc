#include "store/audit_query.h"

#include "base/instant.h"
#include "base/nearest.h"
#include "base/shown.h"
#include "billing/json_text.h"
#include "billing/terminal_text.h"
#include "cli/audit_commands.h"
#include "cli/option_value.h"
#include "cli/query_rows.h"
#include "cli/query_watch.h"
#include "cli/stop_signal.h"
#include "store/named_query.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

constexpr std::int64_t kRowsMax = 10'000'000;
constexpr Duration kDeadlineMax{3'600 * kMicrosPerSecond};
// More are not held back, so that a long answer is seen as it is found.
constexpr std::size_t kAnswerAtOnceBytes = 65'536;

struct QueryOptions {
    std::string sql;
    std::string name;
    bool list = false;
    std::vector<std::string> parameters;
    std::int64_t rows_max = store::QueryLimits{}.rows_max;
    std::string deadline = "10s";
};

store::QueryLimits limits_of(const QueryOptions& options) {
    const Result<Duration> deadline = parse_duration(options.deadline);
    if (!deadline.ok() || deadline.value() <= Duration{0} || deadline.value() > kDeadlineMax) {
        throw Failure(ErrorKind::usage,
                      "expected --deadline as a time of more than 0s and at most 1h such as 30s, "
                      "got " +
                          shown(options.deadline));
    }
    return {options.rows_max, deadline.value(), &stop_requested()};
}

store::AuditQuery::Parameters parameters_of(const std::vector<std::string>& texts) {
    store::AuditQuery::Parameters parameters;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Failure(ErrorKind::usage, "expected --param NAME=VALUE, got " + shown(text));
        }
        if (!parameters.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
            throw Failure(ErrorKind::usage,
                          "expected each --param once, got twice " + shown(text.substr(0, equals)));
        }
    }
    return parameters;
}

std::vector<std::string> names_of(const std::vector<store::NamedQuery>& queries) {
    std::vector<std::string> names;
    names.reserve(queries.size());
    for (const store::NamedQuery& query : queries) {
        names.push_back(query.name);
    }
    return names;
}

// The question whose name stands where a statement should. No statement is one word.
std::optional<std::string> meant_name(const std::vector<store::NamedQuery>& queries,
                                      const std::string& sql) {
    if (sql.empty() || sql.find_first_of(" \t\n") != std::string::npos) {
        return std::nullopt;
    }
    const std::string nearest = nearest_word(sql, names_of(queries));
    return nearest.empty() ? std::nullopt : std::optional<std::string>(nearest);
}

const store::NamedQuery& find_query(const std::vector<store::NamedQuery>& queries,
                                    const std::string& name) {
    for (const store::NamedQuery& query : queries) {
        if (query.name == name) {
            return query;
        }
    }
    const std::string nearest = nearest_word(name, names_of(queries));
    throw Failure(ErrorKind::usage,
                  "there is no query named " + shown(name) +
                      (nearest.empty() ? "; audit query --list shows them"
                                       : "; did you mean " + nearest + '?'));
}

std::string told_parameters(const store::NamedQuery& query) {
    std::string told;
    for (const store::NamedQuery::Parameter& parameter : query.parameters) {
        told += (told.empty() ? "" : " ") + parameter.name;
        told += parameter.usual ? '=' + *parameter.usual : "";
    }
    return told;
}

int list_queries(const Shell& shell) {
    billing::RowPrinter rows(
        {{"name"}, {"parameters"}, {"answers"}}, shell.row_format(), terminal_width(), print);
    for (const store::NamedQuery& query : store::named_queries()) {
        rows.add(
            [&query] {
                return std::vector<std::string>{query.name, told_parameters(query), query.text};
            },
            [&query] {
                billing::JsonObject object;
                object.add("name", query.name);
                object.add("parameters", told_parameters(query));
                object.add("answers", query.text);
                object.add("sql", query.sql);
                return object.text();
            });
    }
    rows.finish();
    return kExitDone;
}

void tell_cut(store::QueryEnd end, const store::QueryLimits& limits) {
    static_cast<void>(std::fprintf(stderr,
                                   "dcm-billing: query: the answer is cut: %s\n",
                                   store::told_end(end, limits).c_str()));
}

// Rows as they come, and their end; from two threads when a step does not come back.
class Answer {
public:
    Answer(QueryRows rows, const store::QueryLimits& limits)
        : rows_(std::move(rows)), limits_(limits) {}

    void add(const std::vector<store::QueryValue>& row) {
        const std::lock_guard lock(mutex_);
        text_ += rows_.add(row);
        if (text_.size() >= kAnswerAtOnceBytes) {
            print(text_);
            text_.clear();
        }
    }

    int finish(store::QueryEnd end) {
        const std::lock_guard lock(mutex_);
        print(text_ + rows_.finish());
        if (end == store::QueryEnd::complete) {
            return kExitDone;
        }
        tell_cut(end, limits_);
        return kExitEnvironment;
    }

    // The statement's thread is in SQLite for who knows how long, and holds nothing but a snapshot.
    [[noreturn]] void give_up() {
        int code = kExitEnvironment;
        try {
            code = finish(stop_requested() ? store::QueryEnd::stopped : store::QueryEnd::deadline);
        } catch (const ReaderGone&) {
            code = kExitReaderGone;
        } catch (const Failure& failure) {
            static_cast<void>(std::fprintf(stderr, "dcm-billing: %s\n", failure.what()));
        }
        ::_exit(code);
    }

private:
    std::mutex mutex_;
    QueryRows rows_;
    std::string text_;  // not printed yet
    const store::QueryLimits& limits_;
};

int run_query(Shell& shell,
              const std::string& sql,
              const store::AuditQuery::Parameters& parameters,
              const store::QueryLimits& limits) {
    const billing::RowFormat format = shell.row_format();
    store::AuditQuery query(shell.database_url());
    for (const std::string& object : query.strange_objects()) {
        static_cast<void>(std::fprintf(
            stderr, "dcm-billing: schema: %s\n", billing::visible_text(object).c_str()));
    }
    query.prepare(sql, parameters, limits);
    Answer answer(QueryRows(query.columns(), format, terminal_width()), limits);
    store::QueryEnd end = store::QueryEnd::complete;
    {
        const QueryWatch watch(std::chrono::microseconds(limits.deadline.micros),
                               stop_requested(),
                               [&answer] { answer.give_up(); });
        end = query.run([&answer](std::vector<store::QueryValue>&& row) { answer.add(row); });
    }
    return answer.finish(end);
}

int query_log(Shell& shell, const QueryOptions& options) {
    take_stop_signals();
    if (options.list) {
        return list_queries(shell);
    }
    const auto queries = store::named_queries();
    if (const auto name = meant_name(queries, options.sql)) {
        throw Failure(ErrorKind::usage,
                      "expected a SELECT, got " + shown(options.sql) + "; did you mean --name " +
                          *name + '?');
    }
    if (options.sql.empty() == options.name.empty()) {
        throw Failure(ErrorKind::usage, "expected a SELECT, or --name, or --list");
    }
    const store::QueryLimits limits = limits_of(options);
    store::AuditQuery::Parameters parameters = parameters_of(options.parameters);
    if (options.name.empty()) {
        return run_query(shell, options.sql, parameters, limits);
    }
    const store::NamedQuery& query = find_query(queries, options.name);
    for (const store::NamedQuery::Parameter& parameter : query.parameters) {
        if (parameter.usual) {
            parameters.emplace(parameter.name, *parameter.usual);
        }
    }
    return run_query(shell, query.sql, parameters, limits);
}

}  // namespace

void add_audit_query(CLI::App& audit, Shell& shell) {
    const auto options = std::make_shared<QueryOptions>();
    CLI::App* const command = audit.add_subcommand(
        "query", "Ask the log in SQL: one SELECT on a session that can only read");
    CLI::Option* const sql =
        command->add_option("sql", options->sql, "The statement; the views are in docs/sql.md");
    sql->type_name("SELECT");
    command->add_option("--name", options->name, "A question that comes with the program")
        ->type_name("NAME")
        ->excludes(sql);
    command->add_flag("--list", options->list, "Show the questions that come with the program");
    command
        ->add_option("--param", options->parameters, "The value of :NAME in the statement, a text")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command->add_option("--rows", options->rows_max, "Rows at most; default 10000")
        ->type_name("N")
        ->check(whole_number({1, kRowsMax}));
    command->add_option("--deadline", options->deadline, "Time at most; default 10s")
        ->type_name("TIME");
    shell.add_formats(*command, row_formats());
    command->footer(
        "Examples:\n"
        "  dcm-billing audit query 'SELECT verdict, count(*) AS n FROM v_event GROUP BY verdict'\n"
        "  dcm-billing audit query 'SELECT status FROM v_event WHERE id = :id' --param id=42\n"
        "  dcm-billing audit query --name instance_history --param service_type=vm "
        "--param instance=web-1");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return query_log(shell, *options); });
    });
}

}  // namespace dcm::cli
