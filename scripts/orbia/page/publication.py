"""The chat page in a form that browsers may keep: each version's files in a directory of its own.

The directory's name is made of what is in the files. So index.html, which browsers ask for each time, names files that
never change, and a browser that has them asks for nothing else; and all files of a page are of one version.
"""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from orbia.page.modules import INDEX

VERSIONS = "v"
# Pages that are open go on with the files of the version that they began with.
KEPT_VERSIONS = 10

# An address in index.html that is relative to it.
_ADDRESS = re.compile(r'((?:href|src)=")(?![a-z]+:|/|#)')


def publish(page: Path, target: Path) -> str:
    """Puts the page's files into the target, beside those of earlier versions, and returns the version.

    index.html is replaced at once, after all that it names is there: it can be done while the target is served.
    """
    versions = target / VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=versions) as directory:
        # The version is that of the copy, whatever somebody does to the page meanwhile.
        copy = Path(directory) / "page"
        shutil.copytree(page, copy)
        version = _version(copy)
        index = _ADDRESS.sub(rf"\g<1>{VERSIONS}/{version}/", (copy / INDEX).read_text())
        (copy / INDEX).unlink()
        place = versions / version
        if not place.exists():
            copy.rename(place)
    # The newest ones are kept, and this one is the newest, even where it was here before.
    place.touch()
    new = target / f".{INDEX}.new"
    new.write_text(index)
    new.replace(target / INDEX)
    _remove_old(versions)
    return version


def _version(page: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in page.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(page)}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def _remove_old(versions: Path) -> None:
    made = [path for path in versions.iterdir() if not path.name.startswith(".")]
    for path in sorted(made, key=lambda path: path.stat().st_mtime_ns)[:-KEPT_VERSIONS]:
        shutil.rmtree(path)
