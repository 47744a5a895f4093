"""TypeScript's compiler on index.d.ts and the examples, as it is set in the projects of those who use the module."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from orbia.paths import REPOSITORY

CLIENT = REPOSITORY / "nginx" / "www" / "client"
OPTIONS = {"strict": True, "noEmit": True, "target": "ES2022", "lib": ["ES2022", "DOM", "DOM.Iterable"], "types": [],
           "exactOptionalPropertyTypes": True}
# Each a line behind "const chat = createChat(…);", and what the compiler has to say of it.
MISTAKES = [
    ("createChat({});", "getToken"),
    ("createChat({ getToken: () => 7 });", "number"),
    ("chat.getSnapshot().totalUnread = 0;", "read-only"),
    ("chat.list.getSnapshot().conversations.push();", "push"),
    ("chat.list.setFilter({ kind: 'support' });", "kind"),
    ("chat.openConversation(1).send({ message_type: 'system', content: '' });", "system"),
    ("chat.openConversation('1');", "string"),
    ("chat.openConversation(1).getSnapshot().error.status;", "null"),
    ("for (const message of chat.openConversation(1).getSnapshot().messages) message.content = '';", "read-only"),
]


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Makes a project in which the module is installed as a package; returns what tsc says, by the names of files."""
    def check(files: dict[str, str], also: list[Path] = [], **options) -> dict[str, list[str]]:
        tsc = shutil.which("tsc")
        assert tsc, "there is no tsc in PATH"
        project = tmp_path_factory.mktemp("project")
        packages = project / "node_modules"
        (packages / "@orbia").mkdir(parents=True)
        (packages / "@orbia" / "conversation-client").symlink_to(CLIENT)
        (packages / "@types").mkdir()
        (packages / "@types" / "react").symlink_to("/usr/share/nodejs/@types/react")
        for name, text in files.items():
            (project / name).write_text(text)
        (project / "package.json").write_text('{"type": "module"}')
        (project / "tsconfig.json").write_text(json.dumps(
            {"compilerOptions": {**OPTIONS, **options}, "files": [*files, *map(str, also)]}))
        done = subprocess.run([tsc, "--project", "."], cwd=project, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        assert (done.returncode == 0) == (done.stdout == ""), done
        found: dict[str, list[str]] = {}
        for path, error in re.findall(r"^(\S[^(\n]*)\((\d.*(?:\n .*)*)", done.stdout, re.MULTILINE):
            found.setdefault(Path(path).name, []).append(error)
        assert bool(found) == bool(done.stdout), done.stdout
        return found

    return check


@pytest.fixture(scope="module")
def in_modern_project(check):
    """The example for React and mistakes, where the module is found by its package's exports."""
    files = {"react.tsx": (CLIENT / "examples" / "react.tsx").read_text()}
    for number, (wrong, _) in enumerate(MISTAKES):
        files[f"mistake-{number}.ts"] = (
            'import { createChat } from "@orbia/conversation-client";\n'
            f"const chat = createChat({{ getToken: () => null }});\n{wrong}\nexport {{}};\n")
    # Debian's types of React do not name all that they need.
    return check(files, module="NodeNext", moduleResolution="NodeNext", jsx="react-jsx", skipLibCheck=True)


def test_the_example_for_react_is_well_typed(in_modern_project):
    assert "react.tsx" not in in_modern_project, in_modern_project["react.tsx"]


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[wrong for wrong, _ in MISTAKES])
def test_a_mistake_is_found(in_modern_project, number):
    [error] = in_modern_project[f"mistake-{number}.ts"]
    assert error.startswith("3,") and MISTAKES[number][1] in error


def test_nothing_else_is_wrong(in_modern_project):
    assert set(in_modern_project) == {f"mistake-{number}.ts" for number in range(len(MISTAKES))}


def test_the_example_for_plain_pages_and_the_declarations_are_well_typed(check):
    """As they stand, and not even passing over what libraries declare; the package in a project of the older kind."""
    plain = CLIENT / "examples" / "plain.js"
    upload = CLIENT / "examples" / "platform-upload.js"
    for example in (plain, upload):
        assert example.read_text().startswith("// @ts-check\n")
    uses = 'import { userIdOf } from "@orbia/conversation-client";\nexport const id: number = userIdOf("");\n'
    assert check({"uses.ts": uses}, [plain, upload, CLIENT / "index.d.ts"], module="ES2022", moduleResolution="node",
                 allowJs=True) == {}
