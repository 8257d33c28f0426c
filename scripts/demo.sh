# shellcheck shell=bash
# The demo: events through a real nats-server become a bill. Sourced by scripts/dev.
: "${root:?}"

demo_folder=''
demo_server=''

clean_up_demo() {
    if [[ -n "$demo_server" ]]; then
        kill "$demo_server" 2>/dev/null || true
        wait "$demo_server" 2>/dev/null || true
    fi
    if [[ -n "$demo_folder" ]]; then
        rm -rf "$demo_folder"
    fi
}

# Shows the command as a user would type it, then runs it in the demo's folder.
show() {
    printf '\n$ dcm-billing %s\n' "$*"
    (cd "$demo_folder" && "$root/build/release/cli/dcm-billing" "$@")
}

# The first lines of what a command prints, and how many there were.
show_first() {
    local count="$1" all
    shift
    all="$(show "$@")" || return
    head -n "$((count + 2))" <<<"$all"
    local more=$(($(wc -l <<<"$all") - count - 2))
    if ((more > 0)); then
        printf '… and %d more lines\n' "$more"
    fi
}

# Starts the broker on ports the system chooses and prints its URL once it listens.
start_demo_server() {
    local ports="$demo_folder/ports" told
    mkdir -p "$ports"
    (
        cd "$demo_folder" || exit
        exec nats-server -a 127.0.0.1 -p -1 -js -sd "$demo_folder/jetstream" \
            --ports_file_dir "$ports" -l "$demo_folder/nats-server.log"
    ) &
    demo_server=$!
    for _ in {1..200}; do
        told="$(cat "$ports"/*.ports 2>/dev/null || true)"
        if [[ "$told" =~ nats://[0-9.:]+ ]]; then
            demo_url="${BASH_REMATCH[0]}"
            return 0
        fi
        kill -0 "$demo_server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$demo_folder/nats-server.log" >&2 || true
    return 1
}

run_demo() {
    local demo_url='' period
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${demo_packages[@]}"
    build release dcm-billing
    demo_folder="$(mktemp -d "${TMPDIR:-/tmp}/dcm-billing-demo.XXXXXX")"
    trap clean_up_demo EXIT
    trap 'exit 130' INT TERM
    period="$(date -u -d "$(date -u +%Y-%m-01) -1 month" +%Y-%m)"

    step "Starting nats-server on a free loopback port" start_demo_server
    step "A fleet reports a month of life: $period" \
        show publish --nats "$demo_url" --provision --no-message-ids --fleet 1 --events 2000 --period "$period"
    step "Its events become records, verdicts and intervals in SQLite" \
        show consume --nats "$demo_url" --drain
    step "Who ran when" show_first 8 usage --period "$period"
    step "What it costs" show report --period "$period" --as-of "$(date -u +%Y-%m-01)T00:00:00Z"
    step "What the log says about itself" show audit checkpoint
    step "Every record, tile and signature is checked again" show audit verify
    say "Done. The broker is stopped and the temporary folder removed."
}
