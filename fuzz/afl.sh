#!/usr/bin/env bash
# Fuzzes one target with afl++, guided by coverage: fuzz/afl.sh TARGET [SECONDS]. Needs afl++ (Debian: apt-get install afl++) and
# the tool SharpFuzz.CommandLine (dotnet tool install --global SharpFuzz.CommandLine). Read docs/fuzzing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?name a target: dotnet run --project fuzz/OpenEim.Fuzzing -- list shows them}
seconds=${2:-600}
export PATH="$PATH:$HOME/.dotnet/tools" # where --global puts tools; a new shell has it only after a login
command -v afl-fuzz >/dev/null || { echo "afl-fuzz is missing: apt-get install afl++"; exit 2; }
command -v sharpfuzz >/dev/null || { echo "sharpfuzz is missing: dotnet tool install --global SharpFuzz.CommandLine"; exit 2; }

# Release, since instrumented assemblies must not stay where the tests take them from.
out=artifacts/afl/bin
findings=artifacts/afl/$target
rm -rf "$out"
dotnet publish fuzz/OpenEim.Fuzzing -c Release -o "$out" --nologo
for assembly in OpenEim.Protocol OpenEim.Manager openeim-server openeim-smdp OpenEim.Device; do
    sharpfuzz "$out/$assembly.dll"
done

export AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=${AFL_NO_UI:-1} DOTNET_TieredPGO=0
mkdir -p "$findings"
afl-fuzz -i "fuzz/corpus/$target" -o "$findings" -t 10000 -m none -V "$seconds" -- dotnet "$out/OpenEim.Fuzzing.dll" afl "$target"
echo "crashes, if there are any: $findings/default/crashes"
