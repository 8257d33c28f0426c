#include "focus/table.h"

#include "focus/fills.h"

#include <array>
#include <utility>

namespace dcm::focus {
namespace {

// Left out because we cannot know them: what belongs to commitment discounts, capacity
// reservations, regions and zones, tags, sub accounts, negotiated prices and other currencies.
constexpr std::array kColumns12{
    FilledColumn{"BilledCost", fill_cost},
    FilledColumn{"BillingAccountId", fill_tenant},
    FilledColumn{"BillingAccountName", fill_nothing},
    FilledColumn{"BillingCurrency", fill_currency},
    FilledColumn{"BillingPeriodEnd", fill_period_end},
    FilledColumn{"BillingPeriodStart", fill_period_start},
    FilledColumn{"ChargeCategory", fill_category},
    FilledColumn{"ChargeClass", fill_class},
    FilledColumn{"ChargeDescription", fill_description},
    FilledColumn{"ChargeFrequency", fill_frequency},
    FilledColumn{"ChargePeriodEnd", fill_charge_end},
    FilledColumn{"ChargePeriodStart", fill_charge_start},
    FilledColumn{"ConsumedQuantity", fill_consumed_quantity},
    FilledColumn{"ConsumedUnit", fill_consumed_unit},
    FilledColumn{"ContractedCost", fill_cost},
    FilledColumn{"EffectiveCost", fill_cost},
    FilledColumn{"InvoiceId", fill_invoice},
    FilledColumn{"InvoiceIssuerName", fill_issuer},
    FilledColumn{"ListCost", fill_cost},
    FilledColumn{"ListUnitPrice", fill_price},
    FilledColumn{"PricingCategory", fill_pricing_category},
    FilledColumn{"PricingQuantity", fill_pricing_quantity},
    FilledColumn{"PricingUnit", fill_pricing_unit},
    FilledColumn{"ProviderName", fill_issuer},
    FilledColumn{"PublisherName", fill_issuer},
    FilledColumn{"ResourceId", fill_resource},
    FilledColumn{"ResourceName", fill_nothing},
    FilledColumn{"ResourceType", fill_resource_type},
    FilledColumn{"ServiceCategory", fill_service_category},
    FilledColumn{"ServiceName", fill_service},
    FilledColumn{"ServiceSubcategory", fill_service_subcategory},
    FilledColumn{"SkuId", fill_sku},
    FilledColumn{"SkuMeter", fill_sku_meter},
    FilledColumn{"SkuPriceDetails", fill_nothing},
    FilledColumn{"SkuPriceId", fill_sku_price},
    FilledColumn{"x_Corrects", fill_corrects},
    FilledColumn{"x_Line", fill_line},
    FilledColumn{"x_Provider", fill_provider},
    FilledColumn{"x_State", fill_state},
};
constexpr FocusTable kTable12{"1.2", kColumns12};

}  // namespace

const FocusTable& focus_1_2() {
    return kTable12;
}

std::vector<std::string> column_names(const FocusTable& table) {
    std::vector<std::string> names;
    for (const FilledColumn& column : table.columns) {
        names.emplace_back(column.name);
    }
    return names;
}

FocusWriter::FocusWriter(const FocusTable& table, ChargedPeriod period, std::string& out)
    : table_(table), period_(std::move(period)), csv_(out) {}

void FocusWriter::header() {
    for (const FilledColumn& column : table_.columns) {
        csv_.plain(column.name);
    }
    csv_.end_row();
}

void FocusWriter::row(const Charge& charge) {
    for (const FilledColumn& column : table_.columns) {
        column.fill(csv_, period_, charge);
    }
    csv_.end_row();
}

}  // namespace dcm::focus
