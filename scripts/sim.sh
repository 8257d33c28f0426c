# shellcheck shell=bash
# The simulation of tests/sim for longer than CTest runs it. Sourced by scripts/dev.
: "${root:?}"

sim_minutes_default=10
sim_runs_at_a_time=50

# run_seeds SECONDS: fresh seeds until the time is over; each failing start is kept.
run_seeds() {
    local limit="$1" began="$SECONDS" runs=0 bad=0 seed
    while ((SECONDS - began < limit)); do
        seed="$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"
        if ! DCM_SIM_SEED="$seed" DCM_SIM_RUNS="$sim_runs_at_a_time" \
            build/dev/tests/sim/sim_test "faults chosen by fresh seeds" >build/dev/sim.txt; then
            cat build/dev/sim.txt
            bad=$((bad + 1))
        fi
        runs=$((runs + sim_runs_at_a_time))
    done
    printf '\n%d seeds in %d s, %d of %d groups failed\n' \
        "$runs" "$((SECONDS - began))" "$bad" "$((runs / sim_runs_at_a_time))"
    ((bad == 0))
}

# Every operation once with every harm, then fresh seeds for the minutes asked for.
run_sim() {
    local minutes="$sim_minutes_default"
    if (($# > 0)); then
        [[ $# == 2 && "$1" == --minutes && "$2" =~ ^[0-9]+$ ]] ||
            fail "expected sim [--minutes N], got sim $*"
        minutes="$2"
    fi
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${test_packages[@]}"
    build dev sim_test
    step "Failing each operation in turn" build/dev/tests/sim/sim_test "[each]"
    step "Fresh seeds for $minutes minutes" run_seeds "$((10#$minutes * 60))"
}
