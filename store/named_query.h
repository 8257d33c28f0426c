#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// A question that comes with the program: audit/queries/<name>.sql, compiled in. Its first line
// says what it answers; `-- param name: what` and `-- param name = default: what` follow.
struct NamedQuery {
    struct Parameter {
        std::string name;
        std::optional<std::string> usual;  // when none is given
        std::string text;
    };
    std::string name;
    std::string text;
    std::vector<Parameter> parameters;
    std::string sql;
};

// All of them, by name.
[[nodiscard]] std::vector<NamedQuery> named_queries();

// The file's text taken apart; pure.
[[nodiscard]] NamedQuery read_named_query(std::string_view name, std::string_view sql);

// As compiled in.
struct QueryFile {
    std::string_view name;
    std::string_view sql;
};
[[nodiscard]] std::span<const QueryFile> query_files();

}  // namespace dcm::store
