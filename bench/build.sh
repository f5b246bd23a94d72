#!/usr/bin/env bash
# Builds what the programs of this folder run, if it is older than the sources.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
built=$root/bench/target/class-path
if [ -f "$built" ] && [ -z "$(find "$root"/pom.xml "$root"/{codec,stack,link,testkit,bench}/{pom.xml,src} \
    -newer "$built" -print -quit)" ]; then
    exit
fi
echo "toytcp: building the benchmarks" >&2
cd "$root"
JAVA25_HOME=$("$root/toytcp" --jdk) mvn -B -q -Dstyle.color=never -DskipTests -Dcheckstyle.skip \
    -pl codec,stack,link,testkit,bench package </dev/null >&2
touch "$built"
