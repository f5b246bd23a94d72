#!/usr/bin/env bash
# The sender beside the kernel's: bulk flows from host1 to the kernel of host2, over a path that loses packets at
# random on the way there. Needs root.
#
#   bench/compare-loss.sh [--delay MS,..] [--loss PERCENT,..] [--flows N] [--rounds N] [--seconds N]
#                         [--algorithm NAME]
#
#   --delay MS,..       each way: 20,0; 0 is the kernel's router, else a wire of our own is in its place
#   --loss PERCENT,..   share of the packets: 0.1,1,3
#   --flows N           at the same time: 8
#   --rounds N          runs of each sender for each loss, in turn: 5
#   --seconds N         of a run: 8
#   --algorithm NAME    congestion control of both: cubic
#
# One JSON object a line goes to stdout: medians of the runs, and the ratio ours : kernel. arrived-twice are segments
# that the receiver's kernel answered with a D-SACK, per million that arrived: retransmissions in vain. Talk, with
# every run, goes to stderr. It runs at the highest priority, because what delays our event loop or the wire
# looks like a path that became longer. TOYTCP_PREFIX names the lab, c- by default; it is removed at the end.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export TOYTCP_PREFIX=${TOYTCP_PREFIX:-c-}
delay=20,0 loss=0.1,1,3 flows=8 rounds=5 seconds=8 algorithm=cubic

usage() {
    printf 'compare-loss.sh: error: %s; see the top of bench/compare-loss.sh\n' "$1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$root/bench/compare-loss.sh"
            exit ;;
        --delay | --loss | --flows | --rounds | --seconds | --algorithm)
            [ $# -gt 1 ] || usage "$1 needs a value"
            [[ $1 = --algorithm || $2 =~ ^[0-9.]+(,[0-9.]+)*$ ]] || usage "$1 $2 is no number"
            declare "${1#--}=$2"
            shift ;;
        *) usage "there is no option '$1'" ;;
    esac
    shift
done

"$root/bench/build.sh"
"$root/setup.sh" up
trap '"$root/setup.sh" down' EXIT
nice -n -19 "$("$root/toytcp" --jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$(cat "$root/bench/target/class-path"):$root/bench/target/classes" \
    toytcp.bench.path.CompareLoss \
    "$TOYTCP_PREFIX" "$delay" "$loss" "$flows" "$rounds" "$seconds" "$algorithm"
