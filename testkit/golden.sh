#!/usr/bin/env bash
# Makes the tables in docs/golden anew, with all processors; see the README there.
#
#   testkit/golden.sh                 all algorithms
#   testkit/golden.sh cubic newreno   these only
#   testkit/golden.sh seeds [N]       no tables, but N seeds of hostile links, 10000 without N
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

run() {
    mvn -B -q -pl testkit -am test -Dcheckstyle.skip -Dsurefire.failIfNoSpecifiedTests=false "$@"
}

case ${1:-all} in
    seeds) run -Dtest=HostileLinkTest "-Dtoytcp.hostileSeeds=${2:-10000}" ;;
    *)
        algorithms=$*
        run -Dtest='GoldenTableTest#makeTheTables' "-Dtoytcp.golden=${algorithms:-all}"
        git --no-pager diff --stat docs/golden
        ;;
esac
