#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "exports/manifest.h"
#include "exports/sum_check.h"
#include "focus/conformance.h"
#include "focus/csv_reader.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// What a file was found to hold.
struct CheckedContent {
    std::int64_t rows = 0;
    std::map<std::string, ControlTotal> totals;  // by tenant as the file writes it
    std::vector<std::string> problems;           // what is wrong, a line each
    std::vector<std::string> advice;             // what the specification recommends and is not so
};

// What a cell of each row is to hold. An empty text is no value.
struct ExpectedCell {
    std::string column;
    std::string text;
    bool is_beginning = false;  // more may follow
};

// What the manifest says of all rows: currency, period, and of FOCUS whether it is closed.
[[nodiscard]] std::vector<ExpectedCell> expected_cells(const Manifest& manifest);

// The columns that a file of this format has, or its members.
[[nodiscard]] std::vector<std::string> expected_columns(Format format);

// Reads the plain text of a file as a stranger would: columns, records, numbers, sums, what the
// format promises of each row, and for FOCUS every rule of the specification. Knows nothing of how
// it was written.
class ContentCheck {
public:
    // Without a manifest.
    explicit ContentCheck(Format format);
    // Also against what the manifest says of all rows.
    explicit ContentCheck(const Manifest& manifest);
    ContentCheck(const ContentCheck&) = delete;
    ContentCheck& operator=(const ContentCheck&) = delete;
    ~ContentCheck() = default;

    void read(std::string_view bytes);
    [[nodiscard]] CheckedContent finish();

private:
    // Columns of what goes into the sums.
    struct SummedPlaces {
        std::size_t tenant = 0;
        std::size_t cost = 0;
        std::size_t currency = 0;
        std::size_t kind = 0;
    };
    // What is wrong with the cells of the next row.
    using CheckRow = std::function<std::vector<std::string>(std::span<const std::string_view>)>;

    struct BoundCell {
        ExpectedCell expected;
        std::size_t place = 0;
        bool is_told = false;  // once is enough
    };

    ContentCheck(Format format, std::vector<ExpectedCell> expected, std::optional<Period> during);

    void finish_csv();
    void bind(std::vector<ExpectedCell> expected);
    void compare(BoundCell& cell, std::string_view found);
    void read_header(std::span<const focus::CsvCell> cells);
    void read_record(std::span<const focus::CsvCell> cells);
    void read_json_lines(std::string_view bytes);
    void read_json(std::string_view line);
    void read_line(const std::vector<std::string_view>& cells);
    void count(const std::vector<std::string_view>& cells);
    void problem(const std::string& text);
    void row_problems(const std::vector<std::string>& texts);

    [[nodiscard]] static SummedPlaces summed_places(Format format);
    [[nodiscard]] static CheckRow row_checker(Format format, std::optional<Period> during);

    Format format_;
    std::vector<std::string> columns_;
    SummedPlaces places_;
    std::vector<BoundCell> cells_;
    focus::Conformance conformance_;
    CheckRow check_row_;
    SumCheck sums_;
    focus::CsvReader csv_;
    bool has_header_ = false;
    bool has_columns_ = true;  // those of the format
    std::string cut_line_;     // the beginning of a line of JSON
    ControlTotal* latest_ = nullptr;
    CheckedContent found_;
};

// A tenant as files of this format write it.
[[nodiscard]] std::string written_tenant(Format format, const std::string& tenant);

// Holds what was found against the totals that were promised; each difference is a problem.
void check_totals(Format format, const std::vector<ControlTotal>& promised, CheckedContent& found);

}  // namespace dcm::exports
