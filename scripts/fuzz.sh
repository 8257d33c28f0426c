# shellcheck shell=bash
# The fuzzers of tests/fuzz, and the tests under ThreadSanitizer. Sourced by scripts/dev.
: "${root:?}"

# run_fuzzer TARGET SECONDS: from the corpus of the tree; what is new stays in build/fuzz.
run_fuzzer() {
    local target="$1" seconds="$2" folder="$root/build/fuzz/$1"
    mkdir -p "$folder/corpus" "$folder/found"
    "$root/build/fuzz/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -timeout=20 -max_len=4096 \
        -artifact_prefix="$folder/found/" "$folder/corpus" "$root/tests/fuzz/corpus/$target" \
        >"$folder/log" 2>&1
}

# What a finished fuzzer says at its end: how much it ran.
runs_of() {
    sed -n 's/^Done \([0-9]*\) runs.*/\1 runs/p' "$root/build/fuzz/$1/log"
}

run_fuzz() {
    local minutes=1 target targets=() found=0
    if [[ "${1:-}" == --minutes ]]; then
        minutes="${2:-}"
        [[ "$minutes" =~ ^[1-9][0-9]*$ ]] || fail "expected a number of minutes, got \"$minutes\""
        shift 2
    fi
    targets=("$@")
    if (($# == 0)); then
        for target in tests/fuzz/*_fuzz.cc; do
            targets+=("$(basename "$target" _fuzz.cc)")
        done
    fi
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}"
    build fuzz "${targets[@]/%/_fuzz}"
    say "Fuzzing, $minutes min each"
    for target in "${targets[@]}"; do
        if run_fuzzer "$target" "$((minutes * 60))"; then
            printf '%-12s found nothing in %s\n' "$target" "$(runs_of "$target")"
        else
            found=$((found + 1))
            printf '%-12s found something: build/fuzz/%s/log\n' "$target" "$target"
        fi
    done
    ((found == 0))
}

# The modules whose tests start threads.
threaded_tests='^(consumer|consumer_nats|store|anchors)$'

# The target that a test runs.
target_of_test() {
    case "$1" in
        e2e_*) echo dcm-billing ;;
        fuzz_*) echo "${1#fuzz_}_replay" ;;
        *) echo "$1_test" ;;
    esac
}

# run_tsan [TEST-REGEX]: builds what the matching tests run, then runs them.
run_tsan() {
    local regex="${1:-$threaded_tests}" name targets=()
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}"
    cmake --preset tsan --log-level=NOTICE
    while read -r name; do
        targets+=("$(target_of_test "$name")")
    done < <(ctest --test-dir build/tsan -N -R "$regex" 2>/dev/null | sed -n 's/^ *Test *#[0-9]*: //p')
    if ((${#targets[@]} == 0)); then
        fail "expected tests that match $regex, found none"
    fi
    build tsan "${targets[@]}"
    step "Tests under ThreadSanitizer" ctest --test-dir build/tsan --output-on-failure -R "$regex"
}
