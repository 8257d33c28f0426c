#include "billing/minor_unit_text.h"

#include "rules/rulebook.h"

namespace dcm::billing {

std::string minor_unit_text(const Decimal& rounded, std::string_view currency) {
    std::string text = rounded.to_string();
    const unsigned digits = rules::minor_unit_digits(currency).value_or(0);
    if (rounded.scale() < digits) {
        text += rounded.scale() == 0 ? "." : "";
        text.append(digits - rounded.scale(), '0');
    }
    return text;
}

}  // namespace dcm::billing
