#include "focus/csv_writer.h"

#include "billing/formula.h"
#include "focus/csv_marks.h"

namespace dcm::focus {
namespace {

Instant whole_second(Instant at) {
    const std::int64_t fraction = at.micros % kMicrosPerSecond;
    return {at.micros - fraction - (fraction < 0 ? kMicrosPerSecond : 0)};
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

}  // namespace

void CsvWriter::text(std::string_view value) {
    separate();
    if (size_before_mark(value) == value.size()) {
        out_ += value;
    } else {
        append_quoted(out_, value);
    }
}

void CsvWriter::safe_text(std::string_view value) {
    if (billing::reads_as_formula(value)) {
        text('\'' + std::string(value));
    } else {
        text(value);
    }
}

void CsvWriter::plain(std::string_view value) {
    separate();
    out_ += value;
}

void CsvWriter::time(Instant at) {
    separate();
    const Instant whole = whole_second(at);
    for (const WrittenTime* const written : {&even_, &odd_}) {
        if (written->at == whole && !written->text.empty()) {
            out_ += written->text;
            return;
        }
    }
    WrittenTime& replaced = next_is_odd_ ? odd_ : even_;
    next_is_odd_ = !next_is_odd_;
    replaced = {whole, format_rfc3339(whole)};
    out_ += replaced.text;
}

void CsvWriter::end_row() {
    out_ += "\r\n";
    in_row_ = false;
}

void CsvWriter::separate() {
    if (in_row_) {
        out_ += ',';
    }
    in_row_ = true;
}

}  // namespace dcm::focus
