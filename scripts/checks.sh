# shellcheck shell=bash
# All that CI runs, and the parts of it that have a command of their own. Sourced by scripts/dev.
: "${root:?}" "${jobs:?}"

passed=0
failed=0
failures=()

# sources NAME-PATTERN …: our files, never what a build made.
sources() {
    local pattern
    for pattern in "$@"; do
        find . \( -path ./build -o -path ./.git -o -path ./.cache \) -prune -o -type f -name "$pattern" -print0
    done
}

format_sources() {
    sources '*.h' '*.cc' | xargs -0 -r -n 50 -P "$jobs" clang-format-14 --style=file "$@"
}

# check WHAT COMMAND …: one step that counts as passed or failed; the others go on.
check() {
    local what="$1"
    if step "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        failures+=("$what")
    fi
}

# Whether a test wants what this machine has not, and no Debian package holds.
cannot_run() {
    [[ "$1" == e2e_duckdb ]] && ! has_duckdb
}

# Takes the counts of a CTest run from its JUnit file; adds the names of what failed or was skipped.
count_tests() {
    local kind name
    while read -r kind name; do
        case "$kind" in
            passed) passed=$((passed + 1)) ;;
            skipped)
                printf 'skipped: %s\n' "$name"
                if [[ "${CI:-}" == true ]] && ! cannot_run "$name"; then
                    failed=$((failed + 1))
                    failures+=("$name (skipped)")
                fi
                ;;
            *)
                failed=$((failed + 1))
                failures+=("$name")
                ;;
        esac
    done < <(python3 -B scripts/ctest_results.py "$1")
}

# run_ctest WHAT CTEST-OPTION …: runs tests of the dev build; each counts.
run_ctest() {
    local what="$1" results="$root/build/dev/ctest.xml" counted
    shift
    rm -f "$results"
    # The results tell what failed; the exit code alone would count once more.
    step "$what" ctest --test-dir build/dev --output-on-failure --output-junit "$results" "$@" || true
    counted=$((passed + failed))
    if [[ -f "$results" ]]; then
        count_tests "$results"
    fi
    if ((counted == passed + failed)); then
        failed=$((failed + 1))
        failures+=("$what: no test was run")
    fi
}

tidy_checks() {
    check "The rules find their bad samples" python3 -B tests/tidy/check_test.py
    check "The rules of the house" python3 -B tests/tidy/check.py
}

run_clang_tidy() {
    cmake --fresh --preset tidy --log-level=NOTICE || return
    python3 -B tests/tidy/clang_tidy_test.py || return
    python3 -B scripts/clang_tidy.py "$jobs"
}

# The last line: what was counted; exit 1 when anything failed.
close() {
    local failure
    for failure in "${failures[@]}"; do
        printf 'failed: %s\n' "$failure"
    done
    printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
    ((failed == 0))
}

run_test() {
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}" "${page_packages[@]}"
    fetch_duckdb
    check "The format of all sources" format_sources --dry-run -Werror
    tidy_checks
    check "The build with AddressSanitizer and UBSan" build dev
    if ((failed == 0)) || [[ -f build/dev/build.ninja ]]; then
        # Many of them wait, for brokers and for patience to end.
        run_ctest "All tests" -j "$((2 * jobs))"
    fi
    check "clang-tidy" run_clang_tidy
    close
}

run_tidy() {
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}"
    tidy_checks
    check "clang-tidy" run_clang_tidy
    close
}

run_e2e() {
    local name options=(-L e2e)
    for name in "$@"; do
        options=(-R "^e2e_($(IFS='|' && echo "$*"))\$")
    done
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}" "${page_packages[@]}"
    fetch_duckdb
    build dev
    run_ctest "The end-to-end tests" "${options[@]}"
    close
}
