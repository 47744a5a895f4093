"""What is in the program, and what it needs, in SPDX 2.3 as JSON: python3 -m orbia.packaging.sbom PROGRAM.

Run in the tree that the program was built in, whose Package.resolved names the Swift packages by commit.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

# By the license file of each package.
_LICENSES = {"swift-argument-parser": "Apache-2.0 WITH Swift-exception", "swift-log": "Apache-2.0"}
_SWIFT_LICENSE = "Apache-2.0 WITH Swift-exception"
_PROGRAM = "orbia-conversation"


def sbom(version: str, commit: str, moment: datetime, swift: str, pins: Sequence[dict],
         libraries: Sequence[tuple[str, str, str]]) -> dict:
    """`libraries` has soname, Debian package and version of each library that is linked at run time."""
    packages = [_package(_PROGRAM, version, "NOASSERTION", license="LicenseRef-none-granted",
                         source=f"commit {commit}"),
                _package("swift", swift, "https://github.com/swiftlang/swift", license=_SWIFT_LICENSE,
                         source="runtime, standard library and FoundationEssentials")]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", _PROGRAM), (_id(_PROGRAM), "STATIC_LINK", "swift")]
    for pin in pins:
        name, state = pin["identity"], pin["state"]
        packages.append(_package(name, state["version"], f"git+{pin['location']}@{state['revision']}",
                                 license=_LICENSES[name],
                                 reference=f"pkg:github/apple/{name}@{state['version']}"))
        relations.append((_id(_PROGRAM), "STATIC_LINK", name))
    for soname, name, built_with in libraries:
        packages.append(_package(name, built_with, "NOASSERTION", license="NOASSERTION", source=soname,
                                 reference=f"pkg:deb/debian/{name}@{built_with}"))
        relations.append((_id(_PROGRAM), "DYNAMIC_LINK", name))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{_PROGRAM}-{version}",
        "documentNamespace": f"https://orbia.example/spdx/{_PROGRAM}-{version}-{commit}",
        "creationInfo": {"created": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "creators": ["Tool: scripts/package"]},
        "hasExtractedLicensingInfos": [{
            "licenseId": "LicenseRef-none-granted",
            "extractedText": "The source of the project has no license.", "name": "No license"}],
        "packages": packages,
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": _id(other)}
                          for one, kind, other in relations],
    }


def _package(name: str, version: str, location: str, license: str, source: str = "", reference: str = "") -> dict:
    package = {
        "SPDXID": _id(name), "name": name, "versionInfo": version, "downloadLocation": location,
        "filesAnalyzed": False, "licenseConcluded": license, "licenseDeclared": license, "copyrightText": "NOASSERTION"}
    if source:
        package["sourceInfo"] = source
    if reference:
        package["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                    "referenceLocator": reference}]
    return package


def _id(name: str) -> str:
    return f"SPDXRef-{re.sub(r'[^A-Za-z0-9.-]', '-', name)}"


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def _libraries(program: str) -> list[tuple[str, str, str]]:
    """Those that the program itself names."""
    needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", _output("readelf", "--dynamic", program))
    paths = dict(re.findall(r"^\s*(\S+) => (\S+)", _output("ldd", program), re.MULTILINE))
    found = []
    for soname in sorted(needed):
        # The loader has no "=>".
        if soname not in paths:
            continue
        owner = _owner(paths[soname])
        found.append((soname, owner, _output("dpkg-query", "--show", "--showformat=${Version}", owner)))
    by_package: dict[str, tuple[str, str, str]] = {}
    for soname, owner, version in found:
        known = by_package.get(owner)
        by_package[owner] = (f"{known[0]}, {soname}" if known else soname, owner, version)
    return [by_package[owner] for owner in sorted(by_package)]


def _owner(path: str) -> str:
    """The package that a file belongs to, by either of its names where /lib is a link to /usr/lib."""
    real = os.path.realpath(path)
    for name in (path, real, real.removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    raise LookupError(f"no package has {path}")


def main(arguments: Sequence[str]) -> None:
    program = arguments[0]
    version = _output(program, "--version").split()[0]
    commit = Path("debian/commit").read_text()
    swift = re.search(r"swift-(\S+)-RELEASE|Swift version (\S+)", _output("swift", "--version"))
    pins = json.loads(Path("Package.resolved").read_text())["pins"]
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    document = sbom(version, commit, moment, swift[1] or swift[2], sorted(pins, key=lambda pin: pin["identity"]),
                    _libraries(program))
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
