#pragma once

#include <string_view>

namespace dcm::billing {

// How the page of `report --format html` looks. On a screen too narrow for columns each row is a
// block of `column  value` lines, as in a terminal. On paper long tables go on over the page with
// their header, and numbers are small enough for a page held upright.
inline constexpr std::string_view kHtmlStyle =
    ":root{--ink:#1b1f24;--paper:#fff;--faint:#5c6470;--rule:#d5d9e0;--bar:#2f6fb5}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#15181c;--faint:#9aa3af;"
    "--rule:#333a44;--bar:#6ea8e6}}\n"
    "body{margin:2rem auto;max-width:66rem;padding:0 1rem;background:var(--paper);"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
    "p{margin:.25rem 0;overflow-wrap:anywhere}.faint{color:var(--faint)}\n"
    ".total{font-size:2rem;margin:.75rem 0 0}\n"
    "section{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid var(--rule);text-align:left;"
    "vertical-align:top}\n"
    "th{white-space:nowrap}td{min-width:8em;overflow-wrap:anywhere}\n"
    ".number{min-width:0;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".pad{visibility:hidden}\n"
    "svg{display:block;width:100%;height:auto;overflow:visible}\n"
    "svg text{fill:var(--faint);font-size:13px}.end{text-anchor:end}.middle{text-anchor:middle}\n"
    ".bar{fill:var(--bar)}.grid{stroke:var(--rule)}.zero{stroke:var(--faint)}\n"
    "pre{overflow-x:auto;border:1px solid var(--rule);padding:.5rem;font-size:13px}\n"
    "@media screen and (max-width:56rem){thead{display:none}"
    "table,tbody,tr,td{display:block}tr{padding:.4rem 0;border-bottom:1px solid var(--rule)}"
    "td{display:flex;justify-content:space-between;gap:1rem;padding:0;border:0;"
    "text-align:right}.number{white-space:normal}td::before{content:attr(data-name);"
    "color:var(--faint);text-align:left;white-space:nowrap}.pad{display:none}}\n"
    "@media screen and (max-width:40rem){svg text{font-size:26px}}\n"
    "@media print{:root{--ink:#000;--paper:#fff;--faint:#444;--rule:#bbb;--bar:#555}"
    "body{margin:0;padding:0;max-width:none;font-size:9.5pt}section{overflow:visible}"
    "table{font-size:8pt}th,td{padding:.15rem .4rem}"
    "h2{break-after:avoid;margin:1.2rem 0 .3rem}tr,svg,pre{break-inside:avoid}"
    "tr:last-child{break-before:avoid}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:8pt}}\n";

}  // namespace dcm::billing
