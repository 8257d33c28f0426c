#include "store/named_query.h"

#include "base/check.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::string_view kComment = "-- ";
constexpr std::string_view kParameter = "-- param ";
constexpr std::string_view kUsual = " = ";
constexpr std::string_view kText = ": ";

// `name: what` or `name = default: what`.
NamedQuery::Parameter read_parameter(std::string_view line) {
    const std::size_t colon = line.find(kText);
    DCM_CHECK(colon != std::string_view::npos);
    NamedQuery::Parameter parameter;
    parameter.text = line.substr(colon + kText.size());
    std::string_view name = line.substr(0, colon);
    if (const std::size_t equals = name.find(kUsual); equals != std::string_view::npos) {
        parameter.usual = name.substr(equals + kUsual.size());
        name = name.substr(0, equals);
    }
    parameter.name = name;
    return parameter;
}

}  // namespace

NamedQuery read_named_query(std::string_view name, std::string_view sql) {
    NamedQuery query;
    query.name = name;
    query.sql = sql;
    while (sql.starts_with(kComment)) {
        const std::string_view line = sql.substr(0, sql.find('\n'));
        if (line.starts_with(kParameter)) {
            query.parameters.push_back(read_parameter(line.substr(kParameter.size())));
        } else {
            query.text += query.text.empty() ? "" : " ";
            query.text += line.substr(kComment.size());
        }
        sql.remove_prefix(std::min(line.size() + 1, sql.size()));
    }
    return query;
}

std::vector<NamedQuery> named_queries() {
    std::vector<NamedQuery> queries;
    for (const QueryFile& file : query_files()) {
        queries.push_back(read_named_query(file.name, file.sql));
    }
    return queries;
}

}  // namespace dcm::store
