#!/usr/bin/env bash
# What the sender costs: bench/jmh.sh [PATTERN] [OPTION OF JMH...]. Prints what JMH prints, then a table: medians for
# NewReno alone and for all of loss recovery, their ratio, and what is taken from the heap.
#
#   bench/jmh.sh                         everything, some minutes
#   bench/jmh.sh PureAck -f 1 -prof stack
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/bench/build.sh"
exec "$("$root/toytcp" --jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$root/bench/target/classes:$(cat "$root/bench/target/class-path")" toytcp.bench.Jmh "$@"
