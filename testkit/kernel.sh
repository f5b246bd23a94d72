#!/usr/bin/env bash
# Plays the protocol scripts to the kernel of this machine and makes docs/kernel.md anew; needs root.
# A new difference wants a reason in src/test/resources/toytcp/testkit/kernel-differences.txt.
#
#   testkit/kernel.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

mvn -B -q -pl testkit -am verify -Dcheckstyle.skip -Dsurefire.failIfNoSpecifiedTests=false \
    -Dtest=NoUnitTest -Dit.test=KernelScriptsNamespaceTest -Dfailsafe.failIfNoSpecifiedTests=false \
    -Dtoytcp.kernel=make "$@"
git --no-pager diff --stat docs/kernel.md
