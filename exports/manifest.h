#pragma once

#include "base/decimal.h"
#include "base/result.h"
#include "exports/plan.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// A file of an export, by its path from the folder of the export.
struct ManifestFile {
    std::string name;
    std::int64_t bytes = 0;
    std::int64_t rows = 0;
    std::string sha256;  // hex

    bool operator==(const ManifestFile&) const = default;
};

// What a tenant's rows sum up to: the total of its statement.
struct ControlTotal {
    std::string tenant;
    Decimal total;
    std::int64_t rows = 0;

    bool operator==(const ControlTotal&) const = default;
};

// The manifest that was there before.
struct Superseded {
    std::string manifest_sha256;
    std::string state;
    std::int64_t log_size = 0;

    bool operator==(const Superseded&) const = default;
};

// manifest.json (docs/formats/cost-export.md): the commit marker of a period's export. What it
// names is there, whole; what it does not name is not part of the export.
struct Manifest {
    std::string name;
    Format format = Format::focus;
    std::string focus_version;  // empty for other formats
    Compression compression = Compression::none;
    std::string period;
    std::string period_start;
    std::string period_end;
    std::string state;  // `open` or `closed`
    std::string timezone;
    std::string currency;
    std::string book;  // `sha256:<hex>`
    std::int64_t log_size = 0;
    std::string log_root;    // base64
    std::string as_of;       // where open intervals were cut, or when the period was closed
    std::string checkpoint;  // signed note
    std::vector<std::string> columns;
    std::vector<ManifestFile> files;
    std::vector<ControlTotal> totals;
    std::optional<Superseded> supersedes;

    bool operator==(const Manifest&) const = default;

    [[nodiscard]] std::int64_t rows() const;
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] Decimal total() const;
};

inline constexpr std::size_t kManifestBytesMax = 67'108'864;

[[nodiscard]] std::string manifest_text(const Manifest& manifest);
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);

// Whether both say the same of the data; when it was computed and what it replaced may differ.
[[nodiscard]] bool same_content(const Manifest& left, const Manifest& right);

}  // namespace dcm::exports
