# shellcheck shell=bash
# Debian packages: which are needed, and how the missing ones are installed. Sourced by scripts/dev.

# shellcheck disable=SC2034 # the lists are read by scripts/dev and what it sources

# Enough to build, to run the demo and to follow the tour.
demo_packages=(
    g++ cmake ninja-build pkg-config
    libnats-dev nlohmann-json3-dev libsoci-dev libsoci-sqlite3-4.0 libsqlite3-dev
    libhowardhinnant-date-dev libyaml-cpp-dev libssl-dev libcli11-dev libspdlog-dev libboost-dev
    libcurl4-openssl-dev libmicrohttpd-dev
    zlib1g-dev libzstd-dev
    nats-server python3 sqlite3 tzdata
)
# What the tests need besides.
test_packages=(
    "${demo_packages[@]}"
    catch2 zstd openssl procps git clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev
    libclang-14-dev llvm-14-dev golang-go golang-golang-x-mod-dev postgresql
)
# What looks at pages: a browser with a font, and a validator. Large; only where the end-to-end tests run.
page_packages=(chromium-headless-shell fonts-dejavu-core tidy)

is_installed() {
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# As root, or with sudo; without a terminal sudo must not wait for a password.
as_root() {
    if [[ "$(id -u)" == 0 ]]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif [[ -t 0 ]]; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# install_packages NAME …: asks dpkg first, so that a second run needs neither apt nor network.
install_packages() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        fail "expected Debian bookworm with apt; elsewhere install these yourself: $*"
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if [[ "${#missing[@]}" == 0 ]]; then
        return 0
    fi
    if [[ "$(id -u)" != 0 ]] && ! command -v sudo >/dev/null; then
        fail "expected to be root or to have sudo, to install: ${missing[*]}
As root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    step "Updating the package lists" as_root apt-get update -q ||
        fail "apt-get update failed; these are still missing: ${missing[*]}"
    step "Installing ${missing[*]}" \
        as_root apt-get install -y -q --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install: ${missing[*]}"
}

# The folder that tests/e2e/duckdb_test.py looks into.
readonly duckdb_folder="${root:?}/build/duckdb"

has_duckdb() {
    [[ -d "$duckdb_folder/node_modules/@duckdb/node-api" ]] &&
        cmp -s tests/e2e/duckdb/package-lock.json "$duckdb_folder/package-lock.json"
}

# DuckDB is in no Debian package. Without node and npm, or without their registry, its test is skipped.
fetch_duckdb() {
    if has_duckdb || ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        return 0
    fi
    mkdir -p "$duckdb_folder"
    cp tests/e2e/duckdb/package.json tests/e2e/duckdb/package-lock.json "$duckdb_folder/"
    step "Fetching DuckDB" npm ci --prefix "$duckdb_folder" --ignore-scripts --no-audit --no-fund \
        --fetch-retries=1 --fetch-timeout=20000 --loglevel=error || true
}
