#pragma once

#include "focus/charge.h"
#include "focus/csv_writer.h"

namespace dcm::focus {

// What goes into the columns of the FOCUS tables, one function for each meaning. Which column has
// which is in table.cc.
using Fill = void(CsvWriter& row, const ChargedPeriod& period, const Charge& charge);

Fill fill_nothing;
Fill fill_issuer;
Fill fill_currency;
Fill fill_period_start;
Fill fill_period_end;
Fill fill_invoice;  // once the statement is closed
Fill fill_tenant;

Fill fill_category;
Fill fill_class;
Fill fill_description;
Fill fill_frequency;
Fill fill_charge_start;
Fill fill_charge_end;

// Nothing in a charge rounds and nothing is prepaid: list, contracted, effective and billed cost
// are one amount.
Fill fill_cost;

Fill fill_consumed_quantity;
Fill fill_consumed_unit;
Fill fill_price;
Fill fill_pricing_category;
Fill fill_pricing_quantity;
Fill fill_pricing_unit;

Fill fill_resource;
Fill fill_resource_type;
Fill fill_service;
Fill fill_service_category;
Fill fill_service_subcategory;
Fill fill_sku;
Fill fill_sku_meter;
Fill fill_sku_price;

Fill fill_corrects;
Fill fill_line;
Fill fill_provider;
Fill fill_state;

}  // namespace dcm::focus
