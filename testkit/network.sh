#!/usr/bin/env bash
# What virtual networks take, in a JVM without leak detection; the figures are in docs/testkit.md.
#
#   testkit/network.sh http2 [RUNS]          HTTP/2 through an outage, 1000 runs of one seed
#   testkit/network.sh hosts [HOSTS FLOWS]   1000 hosts with 10 flows each
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

case ${1:-} in
    http2) figures="Http2OutageTest ${2:-1000}" ;;
    hosts) figures="ManyHosts ${2:-1000} ${3:-10}" ;;
    *)
        sed -n '2,6s/^# \{0,1\}//p' "$0"
        exit 1
        ;;
esac

mvn -B -q -pl testkit -am test -Dcheckstyle.skip -Dsurefire.failIfNoSpecifiedTests=false \
    -Dtest='OtherJvmTest#figures' "-Dtoytcp.figures=$figures"
