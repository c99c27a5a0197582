#!/usr/bin/env bash
# Makes test/python/.venv, with the programs in Python that ours are compared with, and NumPy, which reads the arrays that
# we write. Run again, it does nothing. Where it cannot, it says why in one line and succeeds: measurements need it, and
# tests that are left out without it.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

skip() {
  rm -rf .venv
  echo "no programs in Python to compare with: $1"
  exit 0
}

command -v python3 >/dev/null || skip "python3 is missing"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || skip "python3 is older than 3.10"
stamp="$(cat requirements.txt setup.sh; python3 -VV)"
[ -f .venv/stamp ] && [ "$(cat .venv/stamp)" = "$stamp" ] && exit 0

rm -rf .venv
python3 -m venv .venv >/dev/null 2>&1 || skip "python3 cannot make a virtual environment (on Debian: apt install python3-venv)"
.venv/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --retries 1 --timeout 15 -r requirements.txt \
  >/dev/null 2>&1 || skip "pip could not install test/python/requirements.txt (is there a network?)"

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
.venv/bin/python -c 'import ahocorasick, mwparserfromhell, numpy, wikiextractor.WikiExtractor' 2>/dev/null || skip "they do not start"

printf '%s\n' "$stamp" >.venv/stamp
echo "made test/python/.venv"
