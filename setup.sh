#!/usr/bin/env bash
# The lab of toytcp: host1 - router - host2, three network namespaces of Linux.
#
#   ./setup.sh [up] [--loss SHARE] [--offload]   install what is missing, make or mend the lab
#   ./setup.sh down                              remove every trace of it
#   ./setup.sh status                            show what is up and what is wrong (exit code 3)
#   ./setup.sh demo                              from nothing to an echo client that talks to nc
#   ./setup.sh test                              from nothing to all tests, those in namespaces too
#
#   host1                          router                          host2
#   host1-veth1 10.0.0.1/24 ------ router-veth1 10.0.0.254/24
#                                  router-veth2 10.0.1.254/24 ---- host2-veth1 10.0.1.1/24
#
#   --loss SHARE   the router drops this share of what it forwards, each way: 1%, 0.5% or 0.01;
#                  without it the router drops nothing
#   --offload      leave the transmit checksum offload of host1 and host2 on: their packets then
#                  carry the sum of the pseudo-header only, which a capture shows as wrong
#
# TOYTCP_PREFIX=x- makes and names a second lab, x-host1 - x-router - x-host2, beside the first.
# Runs as root or through sudo. Data goes to stdout, talk to stderr. NO_COLOR is honoured.
# Exit codes: 0 all is well, 1 something failed, 2 wrong usage, 3 (status) not up or broken.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${TOYTCP_PREFIX:-}
host1=${prefix}host1 router=${prefix}router host2=${prefix}host2
self=./setup.sh
[ -z "$prefix" ] || self="TOYTCP_PREFIX=$prefix ./setup.sh"

# ---- talk -----------------------------------------------------------------------------------

# Asked once: inside $(..) the standard output is never a terminal.
colourful=
[ ! -t 1 ] || colourful=1
[ ! -t 2 ] || colourful=${colourful}2
[ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ] || colourful=

# colour STREAM CODE TEXT: TEXT in colour if STREAM is a terminal.
colour() {
    if [[ $colourful == *$1* ]]; then
        printf '\033[%sm%s\033[0m' "$2" "$3"
    else
        printf '%s' "$3"
    fi
}

say() { printf '%s %s\n' "$(colour 2 36 toytcp:)" "$*" >&2; }

# fail WHAT MEND: the one line that every failure ends in.
fail() {
    printf '%s %s; %s\n' "$(colour 2 31 'setup.sh: error:')" "$(one_line "$1")" "$2" >&2
    exit "${3:-1}"
}

one_line() { printf '%s' "$1" | tr -s '\n\t ' '   ' | cut -c1-400; }

usage() { fail "$1" "see ./setup.sh --help" 2; }

# must WHAT COMMAND...: runs the command; its error output becomes part of the one line.
must() {
    local what=$1 output
    shift
    output=$("$@" 2>&1) || fail "$what: ${output:-exit code $?}" "try: $self down && $self up"
}

# ---- what must be installed -----------------------------------------------------------------

# Pairs of command and package. An "nc" that is not OpenBSD's counts as missing.
base_tools="ip:iproute2 ethtool:ethtool nft:nftables ping:iputils-ping nc:netcat-openbsd
    tcpdump:tcpdump mvn:maven"
test_tools="tshark:tshark curl:curl nginx:nginx sysctl:procps setpriv:util-linux"

nc_name() {
    if command -v nc.openbsd >/dev/null; then echo nc.openbsd; else echo nc; fi
}

has_tool() {
    command -v "$1" >/dev/null || return 1
    [ "$1" != nc ] || "$(nc_name)" -h 2>&1 | grep -q OpenBSD
}

missing_packages() {
    local pair
    for pair in "$@"; do
        has_tool "${pair%%:*}" || printf '%s ' "${pair#*:}"
    done
}

apt() {
    local output
    output=$(DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1) ||
        fail "apt-get $*: $(printf '%s' "$output" | grep -E '^(E|W):' || true)" \
            "check the network and /etc/apt, then run $self again"
}

# One update for the whole run, and none if nothing is missing.
updated=
install_packages() {
    command -v apt-get >/dev/null ||
        fail "missing: $*, and there is no apt-get" "install them by hand and run $self again"
    say "installing $*"
    [ -n "$updated" ] || apt update
    updated=yes
    without_services apt install --yes --no-install-recommends "$@"
    case " $* " in
        # Not at the next boot either: only the tests start it, inside their namespaces.
        *" nginx "*) must "cannot switch the service of nginx off" update-rc.d nginx disable ;;
    esac
}

# without_services COMMAND...: packages must not start daemons that listen on this machine. The
# packages of Debian and Ubuntu ask this file before they start one.
without_services() {
    local policy=/usr/sbin/policy-rc.d code=0 mark="# of toytcp's setup.sh, while it installs"
    # One of ours may be left by a run that was killed.
    if [ -e "$policy" ] && ! grep -qxF "$mark" "$policy"; then
        "$@"
        return
    fi
    # shellcheck disable=SC2064 # the name is known now
    trap "rm -f '$policy'" EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
    "$@" || code=$?
    rm -f "$policy"
    trap - EXIT
    return "$code"
}

need_tools() {
    local missing pair
    missing=$(missing_packages "$@")
    # shellcheck disable=SC2086 # a list of package names
    [ -z "$missing" ] || install_packages $missing
    for pair in "$@"; do
        has_tool "${pair%%:*}" ||
            fail "'${pair%%:*}' is still missing after installing ${pair#*:}" \
                "look at: apt-get install --reinstall ${pair#*:}"
    done
}

need_jdk() {
    "$root/toytcp" --jdk >/dev/null 2>&1 && return
    local package=openjdk-25-jdk-headless
    if command -v apt-cache >/dev/null; then
        [ -n "$updated" ] || apt update
        updated=yes
        if [ -n "$(apt-cache search --names-only "^$package\$")" ]; then
            install_packages "$package"
            "$root/toytcp" --jdk >/dev/null 2>&1 && return
        fi
    fi
    fail "no JDK 25 found, and this distribution has no $package" \
        "unpack one from https://adoptium.net/temurin/releases/?version=25 below /usr/lib/jvm"
}

# Ubuntu 22.04 packages 3.6.3.
need_maven() {
    local version
    version=$(JAVA_HOME=$("$root/toytcp" --jdk) mvn --version 2>/dev/null |
        sed -n 's/\x1b\[[0-9;]*m//g;s/^Apache Maven \([0-9.]*\).*/\1/p' || true)
    [ -n "$version" ] ||
        fail "'mvn --version' does not work" "try: apt-get install --reinstall maven"
    [ "$(printf '%s\n' 3.6.3 "$version" | sort -V | head -n 1)" = 3.6.3 ] ||
        fail "Maven $version is too old, the build needs 3.6.3" \
            "unpack one from https://maven.apache.org/download.cgi and put its bin first in PATH"
}

need_all() {
    local pairs
    read -r -d '' -a pairs <<<"$*" || true
    need_tools "${pairs[@]}"
    need_jdk
    need_maven
}

need_root() {
    [ "$(id -u)" != 0 ] || return 0
    command -v sudo >/dev/null ||
        fail "network namespaces need root, and there is no sudo" "run it as root"
    exec sudo env "TOYTCP_PREFIX=$prefix" "NO_COLOR=${NO_COLOR:-}" "CI=${CI:-}" \
        "JAVA_HOME=${JAVA_HOME:-}" "PATH=$PATH" "$root/setup.sh" "$@"
}

# What root builds in a user's clone belongs to that user again.
give_back() {
    local target
    for target in "$root/target" "$root"/*/target; do
        [ ! -d "$target" ] || chown -R --reference="$root" "$target"
    done
}

# ---- the lab --------------------------------------------------------------------------------

in_ns() { ip netns exec "$@"; }

# A crash in the middle of "ip netns add" leaves a name that cannot be entered.
ns_alive() { [ -e "/run/netns/$1" ] && ip netns exec "$1" true 2>/dev/null; }

make_ns() {
    ns_alive "$1" && return
    [ ! -e "/run/netns/$1" ] || remove_ns "$1"
    local output
    output=$(ip netns add "$1" 2>&1) || fail "cannot make the network namespace $1: $output" \
        "use a machine or VM of your own, or start the container with --privileged"
    ns_alive "$1" || fail "the network namespace $1 cannot be entered" \
        "use a machine or VM of your own, or start the container with --privileged"
}

# make_wire NS1 DEVICE1 NS2 DEVICE2: a veth pair; half of a pair does not exist in Linux.
make_wire() {
    if ! in_ns "$1" ip link show "$2" >/dev/null 2>&1 ||
        ! in_ns "$3" ip link show "$4" >/dev/null 2>&1; then
        in_ns "$1" ip link del "$2" 2>/dev/null || true
        in_ns "$3" ip link del "$4" 2>/dev/null || true
        must "cannot connect $1 and $3" \
            ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
    fi
}

set_address() {
    must "cannot set the address of $2" in_ns "$1" ip address replace "$3" dev "$2"
    must "cannot bring $2 up" in_ns "$1" ip link set "$2" up
}

make_host() {
    local ns=$1 device=$2 gateway=$3 offload=$4
    must "cannot set the default route of $ns" \
        in_ns "$ns" ip route replace default via "$gateway" dev "$device"
    must "cannot switch the checksum offload of $device $offload" \
        in_ns "$ns" ethtool -K "$device" tx "$offload"
}

lab_up() {
    local ppm=$1 offload=$2 ns
    for ns in "$host1" "$router" "$host2"; do
        make_ns "$ns"
        must "cannot bring lo of $ns up" in_ns "$ns" ip link set lo up
    done
    make_wire "$host1" host1-veth1 "$router" router-veth1
    make_wire "$host2" host2-veth1 "$router" router-veth2
    set_address "$host1" host1-veth1 10.0.0.1/24
    set_address "$router" router-veth1 10.0.0.254/24
    set_address "$router" router-veth2 10.0.1.254/24
    set_address "$host2" host2-veth1 10.0.1.1/24
    make_host "$host1" host1-veth1 10.0.0.254 "$offload"
    make_host "$host2" host2-veth1 10.0.1.254 "$offload"
    must "cannot switch forwarding on" \
        in_ns "$router" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    set_loss "$ppm"
}

# parts_per_million SHARE: 1% -> 10000, 0.01 -> 10000.
parts_per_million() {
    local remedy="write a percentage as in 1%, or a fraction below 1 as in 0.01"
    [[ $1 =~ ^([0-9]+(\.[0-9]*)?|\.[0-9]+)%?$ ]] || fail "--loss $1 is no share" "$remedy" 2
    awk -v share="$1" 'BEGIN {
        value = share + 0
        if (share ~ /%$/) value /= 100; else if (value >= 1) exit 1
        if (value > 1 || value > 0 && value < 0.000001) exit 1
        printf "%d", value * 1000000 + 0.5
    }' || fail "--loss $1 is out of range" "$remedy" 2
}

# The kernel may lack netem, so nftables throws the dice.
set_loss() {
    local add=
    [ "$1" = 0 ] || add="table ip toytcp_loss {
        chain forward {
            type filter hook forward priority 0; policy accept;
            numgen random mod 1000000 <= $(($1 - 1)) counter drop
        }
    }"
    # To add a table before deleting it makes the deletion succeed always.
    must "cannot set the loss of the router" in_ns "$router" nft "add table ip toytcp_loss
delete table ip toytcp_loss
$add"
}

# ---- taking it down -------------------------------------------------------------------------

ns_pids() { ip netns pids "$1" 2>/dev/null || true; }

alive() {
    local pid
    for pid in "$@"; do
        # A zombie has ended; only its parent can make it go away.
        grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null && return 0
    done
    return 1
}

# end_processes PID...: asks, waits for up to two seconds, then kills.
end_processes() {
    [ $# -gt 0 ] || return 0
    kill "$@" 2>/dev/null || true
    local round
    for ((round = 0; round < 20; round++)); do
        alive "$@" || return 0
        sleep 0.1
    done
    kill -KILL "$@" 2>/dev/null || true
}

remove_ns() {
    [ -e "/run/netns/$1" ] || return 0
    local pids
    pids=$(ns_pids "$1")
    # shellcheck disable=SC2086 # a list of numbers
    end_processes $pids
    local output
    output=$(ip netns del "$1" 2>&1) || fail "cannot remove the network namespace $1: $output" \
        "try: umount -l /run/netns/$1; rm -f /run/netns/$1"
}

# The namespace tests name their labs after their process: t1234-host1.
remove_dead_test_labs() {
    local name
    for name in /run/netns/t*-*; do
        name=${name##*/}
        [[ $name =~ ^t([0-9]+)-(host1|router|host2)$ ]] || continue
        [ -d "/proc/${BASH_REMATCH[1]}" ] || remove_ns "$name"
    done
    for name in /run/toytcp/t*-demo*; do
        [[ $name =~ /t([0-9]+)-demo(\.lock)?$ ]] || continue
        [ -d "/proc/${BASH_REMATCH[1]}" ] || rm -rf "$name"
    done
}

lab_down() {
    local ns
    command -v ip >/dev/null || return 0
    case " $host1 $router $host2 " in
        *" $(ip netns identify $$ 2>/dev/null || true) "*)
            fail "this shell runs inside the lab" "leave the namespace, then run $self down" ;;
    esac
    # What still talks ends before its wires are cut.
    for ns in "$host1" "$host2" "$router"; do
        remove_ns "$ns"
    done
    [ -n "$prefix" ] || remove_dead_test_labs
    rm -rf "$(demo_dir)" "$(demo_dir).lock"
    [ ! -d /run/toytcp ] || rmdir --ignore-fail-on-non-empty /run/toytcp
}

# ---- status ---------------------------------------------------------------------------------

problems=0

row() { printf '%-10s %s\n' "$1" "$2"; }

problem() {
    problems=$((problems + 1))
    printf '%s %s; %s\n' "$(colour 1 31 'problem:  ')" "$1" "mend it with: $2"
}

has_address() { in_ns "$1" ip -o -4 address show dev "$2" 2>/dev/null | grep -q "inet $3 "; }

is_link_up() { in_ns "$1" ip -o link show dev "$2" 2>/dev/null | grep -q '[<,]UP[,>]'; }

# status_device NS DEVICE ADDRESS
status_device() {
    if ! in_ns "$1" ip link show "$2" >/dev/null 2>&1; then
        problem "$1 has no interface $2" "$self up"
    elif ! is_link_up "$1" "$2"; then
        problem "$2 is down" "$self up"
    elif ! has_address "$1" "$2" "$3"; then
        problem "$2 does not have the address $3" "$self up"
    else
        row "$1" "$2 $3"
    fi
}

# status_host NS DEVICE ADDRESS GATEWAY
status_host() {
    status_device "$1" "$2" "$3"
    if in_ns "$1" ip route show default | grep -q "via $4 dev $2"; then
        row "$1" "default route via $4"
    else
        problem "$1 has no default route via $4" "$self up"
    fi
    if in_ns "$1" ethtool -k "$2" 2>/dev/null | grep -q '^tx-checksumming: on'; then
        row "$1" "checksum offload on: captures show wrong checksums of the kernel's packets"
    else
        row "$1" "checksum offload off"
    fi
}

status_router() {
    status_device "$router" router-veth1 10.0.0.254/24
    status_device "$router" router-veth2 10.0.1.254/24
    if [ "$(in_ns "$router" cat /proc/sys/net/ipv4/ip_forward)" = 1 ]; then
        row "$router" "forwards"
    else
        problem "$router does not forward" "$self up"
    fi
    local loss
    loss=$(in_ns "$router" nft list table ip toytcp_loss 2>/dev/null |
        sed -n 's/.*mod 1000000 <= \([0-9]*\) counter packets \([0-9]*\) .*/\1 \2/p' || true)
    if [ -n "$loss" ]; then
        row "$router" "$(awk -v loss="$loss" 'BEGIN {
            split(loss, part, " ")
            printf "drops %g%% of the packets each way; %d so far",
                (part[1] + 1) / 10000, part[2] }')"
    else
        row "$router" "drops nothing"
    fi
}

# status_reach FROM TO ADDRESS: one answer within five seconds will do, the router may drop some.
status_reach() {
    if in_ns "$1" ping -q -c 1 -i 0.2 -w 5 "$3" >/dev/null 2>&1; then
        row "$1" "reaches $2 ($3)"
    else
        problem "$1 does not reach $2 ($3)" "$self down && $self up"
    fi
}

# The link of a running stack keeps the kernel from resetting its connections by a table that the
# kernel removes with the process.
status_rules() {
    local ns rules table
    for ns in "$host1" "$host2"; do
        rules=$(in_ns "$ns" nft list ruleset 2>/dev/null || true)
        if [ -z "$rules" ]; then
            row "$ns" "no stack is live: the kernel answers everything"
            continue
        fi
        while read -r table; do
            row "$ns" "live rule: $table"
        done < <(grep '^table' <<<"$rules" | tr -d '{')
    done
}

status_processes() {
    local ns pid
    for ns in "$host1" "$router" "$host2"; do
        for pid in $(ns_pids "$ns"); do
            row "$ns" "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-80)"
        done
    done
}

status() {
    local missing ns
    missing=$(missing_packages ip:iproute2 ethtool:ethtool nft:nftables ping:iputils-ping)
    [ -z "$missing" ] || problem "missing packages: ${missing% }" "$self up"
    if [ "$problems" = 0 ]; then
        for ns in "$host1" "$router" "$host2"; do
            ns_alive "$ns" || problem "there is no namespace $ns" "$self up"
        done
    fi
    if [ "$problems" = 0 ]; then
        status_host "$host1" host1-veth1 10.0.0.1/24 10.0.0.254
        status_router
        status_host "$host2" host2-veth1 10.0.1.1/24 10.0.1.254
    fi
    if [ "$problems" = 0 ]; then
        status_reach "$host1" "$host2" 10.0.1.1
        status_reach "$host2" "$host1" 10.0.0.1
        status_rules
        status_processes
    fi
    [ "$problems" = 0 ] || return 3
    colour 1 32 "all is well"
    echo
}

# ---- demo -----------------------------------------------------------------------------------

demo_dir() { echo "/run/toytcp/${prefix}demo"; }

# What a demo that was killed has left behind carries TOYTCP_DEMO in its environment.
demo_leftovers() {
    local ns pid
    for ns in "$host1" "$host2"; do
        for pid in $(ns_pids "$ns"); do
            if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx "TOYTCP_DEMO=$prefix"; then
                echo "$pid"
            fi
        done
    done
}

demo_cleanup() {
    # shellcheck disable=SC2046 # a list of numbers
    end_processes $(demo_leftovers)
    rm -rf "$(demo_dir)"
}

# The peer: nc in host2, made an echo by a loop of two pipes.
demo_peer() {
    mkfifo loop wire
    # The order of the redirections matters: each side opens first what the other opens first.
    in_ns "$host2" timeout -k 2 60 "$(nc_name)" -N -l 10.0.1.1 40000 >wire <loop 2>nc.err 9>&- &
    in_ns "$host2" timeout -k 2 60 tee loop <wire >heard 9>&- &
    local round
    for ((round = 0; round < 50; round++)); do
        [ -z "$(in_ns "$host2" ss -Hltn 'sport = :40000')" ] || return 0
        sleep 0.1
    done
    fail "nc does not listen on 10.0.1.1:40000 in $host2: $(cat nc.err)" \
        "see who has the port: ip netns exec $host2 ss -ltnp"
}

# Typed at the speed of a person, once there is somebody to read it.
demo_lines() {
    local line round
    for ((round = 0; round < 200; round++)); do
        ! grep -qs connected log || break
        sleep 0.1
    done
    for line in "Hello from a TCP of our own." "Every line comes back." "Goodbye."; do
        printf '%s\n' "$line" | tee -a sent
        sleep 0.5
    done
}

demo() {
    mkdir -p /run/toytcp
    exec 9>"$(demo_dir).lock"
    flock -n 9 || fail "another demo is running" "wait for it, or end it with: $self down"
    demo_cleanup
    trap demo_cleanup EXIT
    trap 'exit 130' INT TERM HUP
    say "building"
    "$root/toytcp" --version >&2 9>&- || fail "the build failed" "see the lines above"
    give_back
    mkdir -m 700 "$(demo_dir)"
    cd "$(demo_dir)"
    export TOYTCP_DEMO=$prefix
    say "$host2: nc listens on 10.0.1.1:40000 and sends back what it gets"
    demo_peer
    say "$host1: ./toytcp echo-client 10.0.1.1 40000 --log debug"
    local code=0
    : >sent
    demo_lines 9>&- | in_ns "$host1" timeout --foreground -k 2 30 \
        "$root/toytcp" echo-client 10.0.1.1 40000 --log debug >back 2> >(tee log >&2 9>&-) 9>&- ||
        code=$?
    demo_verdict "$code"
}

demo_verdict() {
    sed 's/^/sent      /' sent
    sed 's/^/came back /' back
    [ "$1" != 124 ] || fail "the echo client did not end within 30 s" "see its log above"
    [ "$1" = 0 ] || fail "the echo client ended with exit code $1: $(tail -n 1 log)" \
        "see its log above; $self status"
    if [ ! -s sent ] || ! cmp -s sent back; then
        fail "what came back is not what was sent" "see the log above; $self status"
    fi
    say "$(colour 2 32 'the bytes came back')"
}

# ---- test -----------------------------------------------------------------------------------

# Sums one attribute of all test suites: attribute NAME FILE...
attribute() {
    local name=$1
    shift
    cat "$@" | grep -o '<testsuite [^>]*' | grep -o " $name=\"[0-9]*\"" | tr -dc '0-9\n' |
        awk '{ sum += $1 } END { print sum + 0 }'
}

test_summary() {
    local code=$1 log=$2 reports verdict bad skipped unexplained leaks
    mapfile -t reports < <(find "$root" -path '*/target/*-reports/TEST-*.xml')
    [ ${#reports[@]} -gt 0 ] || fail "no test ran (mvn: exit code $code)" "see the lines above"
    bad=$(($(attribute failures "${reports[@]}") + $(attribute errors "${reports[@]}")))
    skipped=$(attribute skipped "${reports[@]}")
    unexplained=$(cat "${reports[@]}" | grep -c '<skipped */>\|<skipped message=""' || true)
    leaks=$(cat "$log" "${reports[@]}" | grep -c 'LEAK:' || true)
    verdict=$(colour 1 31 FAIL)
    [ "$code$bad$unexplained$leaks" != 0000 ] || verdict=$(colour 1 32 PASS)
    printf '%s: %d tests, %d failed, %d skipped (%d without a reason), %d leaks, mvn exit %d\n' \
        "$verdict" "$(attribute tests "${reports[@]}")" "$bad" "$skipped" \
        "$unexplained" "$leaks" "$code"
    [ "$code$bad$unexplained$leaks" = 0000 ]
}

test_all() {
    local log code=0 seconds=$SECONDS
    log=$(mktemp)
    # shellcheck disable=SC2064 # the name is known now
    trap "rm -f '$log'" EXIT
    find "$root" -path '*/target/*-reports' -prune -exec rm -rf {} +
    cd "$root"
    # Not TOYTCP_PREFIX: the tests make labs of their own.
    JAVA25_HOME=$("$root/toytcp" --jdk) timeout --foreground -k 10 30m \
        env -u TOYTCP_PREFIX mvn -B -ntp verify -Dtoytcp.require.namespaces=true \
        </dev/null 2>&1 | tee "$log" || code=$?
    remove_dead_test_labs
    give_back
    [ "$code" != 124 ] || say "the tests were ended after 30 minutes; see the last lines above"
    say "the tests took $((SECONDS - seconds)) s"
    test_summary "$code" "$log"
}

# ---- the commands ---------------------------------------------------------------------------

up() {
    local ppm=0 offload=off
    while [ $# -gt 0 ]; do
        case $1 in
            --loss) [ $# -gt 1 ] || usage "--loss needs a share"
                ppm=$(parts_per_million "$2")
                shift ;;
            --loss=*) ppm=$(parts_per_million "${1#*=}") ;;
            --offload) offload=on ;;
            *) usage "up does not know '$1'" ;;
        esac
        shift
    done
    need_all "$base_tools"
    lab_up "$ppm" "$offload"
    say "$host1 (10.0.0.1) - $router - $host2 (10.0.1.1) are up; try:" \
        "ip netns exec $host1 ping 10.0.1.1"
}

main() {
    local verb=up
    case ${1:-} in
        -h | --help | help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$root/setup.sh"
            return ;;
        -*) ;;
        ?*) verb=$1
            shift ;;
    esac
    case $verb in
        up | down | status | demo | test) ;;
        *) usage "there is no command '$verb'" ;;
    esac
    [ "$verb" = up ] || [ $# = 0 ] || usage "$verb takes no arguments, got '$1'"
    [[ $prefix =~ ^[A-Za-z0-9_.-]{0,40}$ ]] || usage "TOYTCP_PREFIX '$prefix' is no part of a name"
    need_root "$verb" "$@"
    case $verb in
        up) up "$@" ;;
        down) lab_down ;;
        status) status ;;
        demo)
            need_all "$base_tools"
            lab_up 0 off
            demo ;;
        test)
            need_all "$base_tools $test_tools"
            test_all ;;
    esac
}

main "$@"
