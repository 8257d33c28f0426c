-- The columns of a FOCUS export of a closed month without corrections, as its files have them: what the
-- scenario `export` of run.py has the sqlite3 command line write.
WITH charge AS (
    SELECT
        l.*,
        p.period,
        p.currency,
        strftime('%Y-%m-%dT%H:%M:%SZ', p.started_at / 1000000, 'unixepoch') AS month_start,
        strftime('%Y-%m-%dT%H:%M:%SZ', p.ended_at / 1000000, 'unixepoch') AS month_end,
        l.kind = 'rounding' AS is_rounding,
        l.charge_end - l.charge_start AS used,
        CASE l.unit
            WHEN 'second' THEN 'Seconds' WHEN 'minute' THEN 'Minutes' WHEN 'hour' THEN 'Hours'
            WHEN 'day' THEN 'Days' WHEN 'month' THEN 'Months'
        END AS units
    FROM statement_line AS l
    INNER JOIN closed_period AS p ON p.period_no = l.period_no
)
SELECT
    cost AS BilledCost,
    tenant AS BillingAccountId,
    NULL AS BillingAccountName,
    currency AS BillingCurrency,
    month_end AS BillingPeriodEnd,
    month_start AS BillingPeriodStart,
    iif(is_rounding, 'Adjustment', 'Usage') AS ChargeCategory,
    NULL AS ChargeClass,
    iif(
        is_rounding, 'Rounding of the statement to the minor unit of its currency',
        service_type || '/' || instance_id || ' ' || state || ': ' || quantity || ' ' || unit
        || coalesce(' at ' || unit_price, '') || ', rate ' || rate
    ) AS ChargeDescription,
    iif(is_rounding, 'One-Time', 'Usage-Based') AS ChargeFrequency,
    strftime('%Y-%m-%dT%H:%M:%SZ', charge_end / 1000000, 'unixepoch') AS ChargePeriodEnd,
    strftime('%Y-%m-%dT%H:%M:%SZ', charge_start / 1000000, 'unixepoch') AS ChargePeriodStart,
    CASE
        WHEN is_rounding THEN NULL
        WHEN used % 1000000 = 0 THEN used / 1000000
        ELSE (used / 1000000) || '.' || rtrim(printf('%06d', used % 1000000), '0')
    END AS ConsumedQuantity,
    iif(is_rounding, NULL, 'Seconds') AS ConsumedUnit,
    cost AS ContractedCost,
    cost AS EffectiveCost,
    period || '/' || tenant AS InvoiceId,
    :issuer AS InvoiceIssuerName,
    cost AS ListCost,
    iif(is_rounding, NULL, coalesce(unit_price, ltrim(cost, '-'))) AS ListUnitPrice,
    iif(is_rounding, NULL, 'Standard') AS PricingCategory,
    CASE
        WHEN is_rounding THEN NULL
        WHEN unit_price IS NOT NULL THEN quantity
        ELSE iif(cost LIKE '-%', '-1', '1')
    END AS PricingQuantity,
    CASE WHEN is_rounding THEN NULL WHEN unit_price IS NULL THEN 'Units' ELSE units END AS PricingUnit,
    :issuer AS ProviderName,
    :issuer AS PublisherName,
    service_type || '/' || instance_id AS ResourceId,
    NULL AS ResourceName,
    service_type AS ResourceType,
    CASE service_type
        WHEN 'vm' THEN 'Compute' WHEN 'container' THEN 'Compute' WHEN 'cluster' THEN 'Compute'
        WHEN 'storage' THEN 'Storage' WHEN 'network' THEN 'Networking' WHEN 'database' THEN 'Databases'
        WHEN 'cost' THEN 'Management and Governance' ELSE 'Other'
    END AS ServiceCategory,
    coalesce(service_type, 'rounding') AS ServiceName,
    CASE service_type
        WHEN 'vm' THEN 'Virtual Machines' WHEN 'container' THEN 'Containers'
        WHEN 'cluster' THEN 'Containers' WHEN 'storage' THEN 'Other (Storage)'
        WHEN 'network' THEN 'Network Infrastructure' WHEN 'database' THEN 'Other (Databases)'
        WHEN 'cost' THEN 'Cost Management' ELSE 'Other (Other)'
    END AS ServiceSubcategory,
    iif(is_rounding, NULL, rate) AS SkuId,
    iif(is_rounding, NULL, meter) AS SkuMeter,
    NULL AS SkuPriceDetails,
    iif(is_rounding, NULL, rate || coalesce('@' || unit_price || '/' || unit, '')) AS SkuPriceId,
    corrects AS x_Corrects,
    line AS x_Line,
    provider AS x_Provider,
    state AS x_State
FROM charge
ORDER BY line
