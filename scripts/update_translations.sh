#!/usr/bin/env bash
# Bring the catalogues up to date with the sources and compile them; what is new is printed for translation.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
.venv/bin/pybabel -q extract -F babel.cfg -k lazy --no-location --sort-by-file --omit-header -o "$pot" .
.venv/bin/pybabel -q update -N --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date --no-wrap -i "$pot" -d webapp/translations -l ar
.venv/bin/pybabel -q compile -d webapp/translations
.venv/bin/python - <<'PY'
from babel.messages.pofile import read_po

with open("webapp/translations/ar/LC_MESSAGES/messages.po", "rb") as file:
    missing = [m.id for m in read_po(file) if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]
for msgid in missing:
    print("to translate:", msgid)
PY
