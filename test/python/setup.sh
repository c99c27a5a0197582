#!/usr/bin/env bash
# Makes test/python/.venv, with the programs in Python that ours are compared with, NumPy, which reads the arrays that we
# write, and then identifiers of languages, the clients that read our other files and a fuzzer of the service, in steps that may
# each fail without the others. Run again, it does only what is missing. Where it cannot, it says why in one line and succeeds: measurements need it, and tests that
# are left out without it.
set -u
# Else a pip that was interrupted would be taken for one that failed.
trap 'exit 130' INT TERM
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

skip() {
  rm -rf .venv
  echo "no programs in Python to compare with: $1"
  exit 0
}

# pip install, of a file of requirements. A package that was half there when pip was stopped would pass for installed; so
# what a stopped run leaves is made anew.
install() {
  local status
  touch .venv/unfinished
  .venv/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --retries 1 --timeout 15 \
    --constraint constraints.txt --requirement "$1" >/dev/null 2>&1
  status=$?
  # Above 128 a signal ended it.
  [ "$status" -gt 128 ] || rm .venv/unfinished
  return "$status"
}

# A set of clients or peers: its name, as in requirements-NAME.txt, and the modules that must start.
add_clients() {
  local stamp
  stamp="$(cat "requirements-$1.txt" constraints.txt)"
  [ -f ".venv/stamp-$1" ] && [ "$(cat ".venv/stamp-$1")" = "$stamp" ] && return
  if ! install "requirements-$1.txt"; then
    echo "no $1 in Python: pip could not install test/python/requirements-$1.txt (is there a network?)"
  # Albumentations, which img2dataset loads, would ask a server for its newest version.
  elif ! NO_ALBUMENTATIONS_UPDATE=1 .venv/bin/python -c "import $2" 2>/dev/null; then
    echo "no $1 in Python: what test/python/requirements-$1.txt names does not start"
  else
    printf '%s\n' "$stamp" >".venv/stamp-$1"
    echo "added test/python/requirements-$1.txt"
  fi
}

add_all_clients() {
  add_clients lid "fasttext, py3langid"
  add_clients clients "datasets, duckdb, pandas, pyarrow, webdataset"
  add_clients img2dataset img2dataset
  add_clients schemathesis schemathesis
  exit 0
}

command -v python3 >/dev/null || skip "python3 is missing"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || skip "python3 is older than 3.10"
# Programs in .venv name their Python by its path: one that was copied or moved, or whose Python is gone, is made anew.
stamp="$(cat requirements.txt setup.sh; python3 -VV; pwd -P)"
[ -f .venv/stamp ] && [ "$(cat .venv/stamp)" = "$stamp" ] && [ ! -e .venv/unfinished ] &&
  .venv/bin/python -c "" 2>/dev/null && add_all_clients

rm -rf .venv
python3 -m venv .venv >/dev/null 2>&1 || skip "python3 cannot make a virtual environment (on Debian: apt install python3-venv)"
install requirements.txt || skip "pip could not install test/python/requirements.txt (is there a network?)"

# WikiExtractor 3.0.6 writes (?i) inside patterns; from Python 3.11 on flags may only stand in front. Nothing is compiled
# before, since Python tells a changed file by its size and second.
.venv/bin/python - <<'PATCH' || skip "WikiExtractor could not be mended for this version of Python"
import importlib.util
from pathlib import Path

path = Path(importlib.util.find_spec("wikiextractor").origin).with_name("extract.py")
source = path.read_text(encoding="utf-8")
for wrong, right in (
    (r"""'\[(((?i)'""", r"""'(?i)\[(('"""),
    (r'''r"""^(http://|https://)''', r'''r"""(?i)^(http://|https://)'''),
    (r"""\.((?i)gif""", r"""\.(gif"""),
):
    if source.count(wrong) != 1:
        raise SystemExit(1)
    source = source.replace(wrong, right)
path.write_text(source, encoding="utf-8")
PATCH
.venv/bin/python -c 'import ahocorasick, fastwarc.warc, mwparserfromhell, numpy, warcio, wikiextractor.WikiExtractor' 2>/dev/null || skip "they do not start"

printf '%s\n' "$stamp" >.venv/stamp
echo "made test/python/.venv"
add_all_clients
