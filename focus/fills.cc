#include "focus/fills.h"

#include "focus/service.h"

namespace dcm::focus {
namespace {

constexpr std::string_view kRounding = "rounding";

std::string_view absolute(std::string_view decimal) {
    return decimal.starts_with('-') ? decimal.substr(1) : decimal;
}

// `hour` is `Hours`: FOCUS writes units in the plural with a capital.
std::string_view plural_unit(std::string_view unit) {
    if (unit == "second") {
        return "Seconds";
    }
    if (unit == "minute") {
        return "Minutes";
    }
    if (unit == "hour") {
        return "Hours";
    }
    return unit == "day" ? "Days" : "Months";
}

std::string description_of(const Charge& charge) {
    const billing::StatementLine& line = charge.line();
    std::string text = line.service_type;
    text += '/';
    text += line.instance;
    text += ' ';
    text += line.state;
    text += ": ";
    text += charge.quantity();
    text += ' ';
    text += line.unit;
    if (!charge.unit_price().empty()) {
        text += " at ";
        text += charge.unit_price();
    }
    text += ", rate ";
    text += line.rate;
    if (line.corrects.has_value()) {
        text += charge.is_reversal() ? ", takes back line " : ", in place of line ";
        text += std::to_string(*line.corrects);
    } else if (charge.is_correction()) {
        text += ", late";
    }
    return text;
}

}  // namespace

void fill_nothing(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& /*charge*/) {
    row.null();
}

void fill_issuer(CsvWriter& row, const ChargedPeriod& period, const Charge& /*charge*/) {
    row.text(period.issuer);
}

void fill_currency(CsvWriter& row, const ChargedPeriod& period, const Charge& /*charge*/) {
    row.plain(period.currency);
}

void fill_period_start(CsvWriter& row, const ChargedPeriod& period, const Charge& /*charge*/) {
    row.time(period.span.start);
}

void fill_period_end(CsvWriter& row, const ChargedPeriod& period, const Charge& /*charge*/) {
    row.time(period.span.end);
}

void fill_invoice(CsvWriter& row, const ChargedPeriod& period, const Charge& charge) {
    if (period.is_closed) {
        row.text(period.name + '/' + charge.line().tenant);
    } else {
        row.null();
    }
}

void fill_tenant(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.text(charge.line().tenant);
}

void fill_category(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.is_rounding() ? "Adjustment" : "Usage");
}

void fill_class(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.is_correction() ? "Correction" : "");
}

void fill_description(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.plain("Rounding of the statement to the minor unit of its currency");
    } else {
        row.text(description_of(charge));
    }
}

void fill_frequency(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.is_rounding() ? "One-Time" : "Usage-Based");
}

void fill_charge_start(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.time(charge.line().charge.start);
}

void fill_charge_end(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.time(charge.line().charge.end);
}

void fill_cost(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.cost());
}

void fill_consumed_quantity(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
        return;
    }
    const Duration used = charge.line().charge.end - charge.line().charge.start;
    row.plain(format_seconds(charge.is_reversal() ? Duration{-used.micros} : used));
}

void fill_consumed_unit(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.is_rounding() ? "" : "Seconds");
}

// Where tiers, an allowance or a spend limit decide, the cost is not quantity × price, and a credit
// has a price that FOCUS does not know; then what is priced is the charge itself, once. A price is
// never negative: the quantity has the sign.
void fill_price(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
    } else {
        row.plain(charge.has_unit_price() ? charge.unit_price() : absolute(charge.cost()));
    }
}

void fill_pricing_category(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.is_rounding() ? "" : "Standard");
}

void fill_pricing_quantity(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
    } else if (!charge.has_unit_price()) {
        row.plain(charge.cost().starts_with('-') ? "-1" : "1");
    } else {
        row.plain(charge.quantity());
    }
}

void fill_pricing_unit(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
    } else {
        row.plain(charge.has_unit_price() ? plural_unit(charge.line().unit) : "Units");
    }
}

// An instance is known by its service type and id together: two types may use one id.
void fill_resource(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
    } else {
        row.text(charge.line().service_type + '/' + charge.line().instance);
    }
}

void fill_resource_type(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.text(charge.line().service_type);
}

void fill_service(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.text(charge.is_rounding() ? kRounding : std::string_view(charge.line().service_type));
}

void fill_service_category(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(class_of_service(charge.line().service_type).category);
}

void fill_service_subcategory(CsvWriter& row,
                              const ChargedPeriod& /*period*/,
                              const Charge& charge) {
    row.plain(class_of_service(charge.line().service_type).subcategory);
}

void fill_sku(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.text(charge.is_rounding() ? std::string_view() : charge.line().rate);
}

void fill_sku_meter(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.text(charge.is_rounding() ? std::string_view() : charge.line().meter);
}

// A rate whose price changed has one of these for each price.
void fill_sku_price(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    if (charge.is_rounding()) {
        row.null();
        return;
    }
    std::string text = charge.line().rate;
    if (charge.has_unit_price()) {
        text += '@';
        text += charge.unit_price();
        text += '/';
        text += charge.line().unit;
    }
    row.text(text);
}

void fill_corrects(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(charge.line().corrects.has_value() ? std::to_string(*charge.line().corrects) : "");
}

void fill_line(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.plain(std::to_string(charge.line().line));
}

void fill_provider(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.safe_text(charge.line().provider);
}

void fill_state(CsvWriter& row, const ChargedPeriod& /*period*/, const Charge& charge) {
    row.safe_text(charge.line().state);
}

}  // namespace dcm::focus
