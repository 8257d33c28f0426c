# shellcheck shell=bash
# The demo: events through a real nats-server become a bill. Sourced by scripts/dev.
: "${root:?}"

demo_folder=''
demo_program="$root/build/release/cli/dcm-billing"
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
    (cd "$demo_folder" && "$demo_program" "$@")
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

# The last lines, likewise.
show_last() {
    local count="$1" all
    shift
    all="$(show "$@")" || return
    head -n 2 <<<"$all"
    printf '%d lines …\n' "$(($(wc -l <<<"$all") - count - 2))"
    tail -n "$count" <<<"$all"
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

# The example book that is built in, and a resource file that gives each instance to one of two tenants.
write_demo_book() {
    "$demo_program" instances --format csv --database "sqlite://$demo_folder/dcm-billing.db" |
        awk -F, 'NR == 1 {print "service_type,instance,tenant"}
            NR > 1 {print $1 "," $2 "," (NR % 3 ? "acme" : "umbrella")}' >"$demo_folder/owners.csv" || return
    cp "$root/rules/books/default.yaml" "$demo_folder/book.yaml" || return
    printf '\nresources: [{file: owners.csv}]\n' >>"$demo_folder/book.yaml"
    echo 'rules: book.yaml' >"$demo_folder/dcm-billing.yaml"
    printf '\n$ head -n 4 owners.csv\n'
    head -n 4 "$demo_folder/owners.csv"
}

# Explains a stretch of the first machine that ran and stopped.
explain_first_machine() {
    local period="$1" type instance start
    IFS=, read -r type instance _ _ start _ < <(
        cd "$demo_folder" && "$demo_program" usage --period "$period" --service-type vm --state RUNNING --format csv |
            awk -F, 'NR > 1 && $6 != ""'
    )
    show_first 22 explain --service-type "$type" --instance "$instance" --at "$start" --meter compute
}

write_demo_page() {
    local period="$1" page="$2"
    show report --period "$period" --format html >"$demo_folder/page" || return
    head -n 2 "$demo_folder/page"
    tail -n +3 "$demo_folder/page" >"$page"
    echo "> $page"
}

run_demo() {
    local demo_url='' period page="$root/build/demo.html"
    # shellcheck disable=SC2154 # from packages.sh
    install_packages "${demo_packages[@]}"
    build release dcm-billing
    demo_folder="$(mktemp -d "${TMPDIR:-/tmp}/dcm-billing-demo.XXXXXX")"
    trap clean_up_demo EXIT
    trap 'exit 130' INT TERM
    period="$(date -u -d "$(date -u +%Y-%m-01) -1 month" +%Y-%m)"

    step "Starting nats-server on a free loopback port" start_demo_server
    step "A fleet reports a month of life, $period; on purpose it repeats itself and breaks rules" \
        show publish --nats "$demo_url" --provision --no-message-ids --fleet 1 --events 2000 --period "$period"
    step "Every message becomes one record: repetitions count once, rejected ones are kept with a reason" \
        show consume --nats "$demo_url" --drain
    step "Who ran when" show_first 8 usage --period "$period"
    step "Prices are those of the example book that is built in; a resource file says who owns what" write_demo_book
    step "What it costs, rounded once in the end; a statement is rounded for each tenant" show report --period "$period" --group-by tenant,service_type
    step "Why: what one machine costs while it ran" explain_first_machine "$period"
    step "The month is closed, in spite of those rejected messages that lie in it: its statements never change" \
        show period close "$period" --accept quarantine --grace 0s --nats "$demo_url"
    step "The statement of one tenant" show_last 9 statement show "$period" --tenant acme
    step "A page for people" write_demo_page "$period" "$page"
    step "Every record, signature and anchor is checked again" show audit verify
    say "Done. The broker is stopped and its folder removed; the page stays: $page
    The program is build/release/cli/dcm-billing; the tour in README.md goes on from here."
}
