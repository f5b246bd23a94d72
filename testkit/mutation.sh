#!/usr/bin/env bash
# Changes toytcp.stack.tcp in thousands of places, one at a time, and tells which changes its tests do not notice
# (https://pitest.org): those of toytcp.stack.tcp here and in the stack, a few milliseconds each. Half an hour for all.
#
#   testkit/mutation.sh                   all classes
#   testkit/mutation.sh Transmitter Tcb   these only
#
# Prints the score of each class, and what survived in a class that was asked for; all of it is in
# testkit/target/mutation/mutations.csv.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

root=$PWD
out=$root/testkit/target/mutation
mvn -B -q -Pmutation -pl testkit -am test-compile dependency:build-classpath -Dcheckstyle.skip \
    -Dmdep.outputFile=target/mutation-class-path
path=$(cat stack/target/mutation-class-path):$(cat testkit/target/mutation-class-path)
path=$root/stack/target/classes:$root/stack/target/test-classes:$path
path=$root/testkit/target/classes:$root/testkit/target/test-classes:$path
targets=
for class in "${@:-*}"; do
    targets+=${targets:+,}toytcp.stack.tcp.$class,toytcp.stack.tcp.$class\$*
done
cd testkit
"$("$root/toytcp" --jdk)/bin/java" -cp "$path" org.pitest.mutationtest.commandline.MutationCoverageReport \
    --targetClasses "$targets" --excludedClasses 'toytcp.stack.tcp.congestion.*' \
    --targetTests 'toytcp.stack.tcp.*' --excludedTestClasses 'toytcp.stack.tcp.congestion.*' \
    --mutableCodePaths "$root/stack/target/classes" --classPath "${path//:/,}" \
    --sourceDirs "$root/stack/src/main/java" --reportDir "$out" --outputFormats CSV,HTML \
    --timestampedReports=false --timeoutConst 4000 --threads "$(nproc)" \
    --jvmArgs=-ea,-XX:TieredStopAtLevel=1,-XX:+UseSerialGC > "$out.log"
awk -F, -v asked="$#" '
    { sub(/.*\./, "", $2); sub(/\$.*/, "", $2); sub(/.*\./, "", $3); all[$2]++; every++ }
    $6 != "SURVIVED" && $6 != "NO_COVERAGE" { seen[$2]++; noticed++; next }
    asked { print $2 ".java:" $5 ": " $4 ", " $3 }
    END {
        for (class in all)
            printf "%5.1f %% of %4d in %s\n", 100 * seen[class] / all[class], all[class], class | "sort -n"
        close("sort -n")
        printf "%5.1f %% of %4d in all\n", 100 * noticed / every, every
    }' "$out/mutations.csv"
