# Starts the command whose file sourced this: scripts/some-name is main() of scripts/orbia/commands/some_name.py.
# All that is left for a shell is to find Python, or to install it.
set -eu

directory=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
# Debian's, whose packages the commands need; another python3 may come first in PATH.
python=/usr/bin/python3
if [ ! -x "$python" ]; then
    case " $* " in *' --no-install '*) echo "scripts/${0##*/}: $python is missing." >&2; exit 1 ;; esac
    echo "==> installing python3" >&2
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update >&2
    $as_root apt-get install --yes --no-install-recommends python3 >&2
fi
# UTF-8 whatever the locale says: demo data, logs and paths are.
exec "$python" -X utf8 -c '
import importlib, pathlib, sys
sys.path[0] = sys.argv.pop(1)
name = pathlib.Path(sys.argv.pop(1)).name
sys.argv[0] = name
importlib.import_module("orbia.commands." + name.replace("-", "_")).main()
' "$directory" "$0" "$@"
