"""The list of modules in the chat page's index.html, and the form of the page that browsers keep."""

import os
import re
import subprocess

import pytest

from orbia.page.modules import modules, with_list
from orbia.page.publication import KEPT_VERSIONS, publish
from orbia.paths import REPOSITORY

INDEX = """<!doctype html>
<link rel="icon" href="favicon.svg">
<link rel="stylesheet" href="styles/base.css">
  <script type="module" src="app/main.js"></script>
<a href="https://elsewhere.example/">elsewhere</a><a href="#app">here</a>
"""


@pytest.fixture
def page(tmp_path):
    page = tmp_path / "page"
    files = {
        "index.html": INDEX, "favicon.svg": "<svg/>", "styles/base.css": "",
        "app/main.js": 'import {\n  a,\n} from "./a.js";\nimport "../config.js";\n\n'
                       'later = await import("./later.js");\nfunction menu() {\n  return import("./menu.js");\n}\n',
        "app/a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "app/b.js": 'export { c } from "./c.js";\n// import { d } from "./d.js";\n',
        "app/c.js": 'import { a } from "./a.js";\nexport const c = "from \'x\'";\n',
        "app/later.js": 'import { c } from "./c.js";\nimport { e } from "./e.js";\n', "app/e.js": "", "app/menu.js": "",
        "config.js": "",
    }
    for name, text in files.items():
        (page / name).parent.mkdir(parents=True, exist_ok=True)
        (page / name).write_text(text)
    return page


def test_modules_are_found_in_the_order_in_which_they_run(page):
    assert modules(page) == [
        "app/c.js", "app/b.js", "app/a.js", "config.js", "app/main.js", "app/e.js", "app/later.js"]


def test_what_the_entry_does_not_wait_for_comes_later(page):
    lines = re.findall(r'^  <link rel="modulepreload"(.*) href="(.*)">$', with_list(page), re.MULTILINE)
    assert [path for _, path in lines] == modules(page)
    assert [path for importance, path in lines if importance] == ["app/e.js", "app/later.js"]


def test_the_list_is_written_once_and_checked(page):
    command = [REPOSITORY / "scripts" / "list-page-modules", "--page", page]
    assert subprocess.run([*command, "--check"], capture_output=True, check=False).returncode == 1
    assert (page / "index.html").read_text() == INDEX
    subprocess.run(command, check=True, capture_output=True)
    written = (page / "index.html").read_text()
    assert written == with_list(page) != INDEX
    subprocess.run([*command, "--check"], check=True)
    (page / "app" / "e.js").write_text('import "./menu.js";\n')
    assert subprocess.run([*command, "--check"], capture_output=True, check=False).returncode == 1


def test_a_published_page_names_the_files_of_its_version(page, tmp_path):
    target = tmp_path / "site"
    version = publish(page, target)
    index = (target / "index.html").read_text()
    assert f'href="v/{version}/styles/base.css"' in index
    assert f'src="v/{version}/app/main.js"' in index
    assert 'href="https://elsewhere.example/"' in index and 'href="#app"' in index
    for path in re.findall(r'(?:href|src)="(v/[^"]+)"', index):
        assert (target / path).read_text() == (page / path.split("/", 2)[2]).read_text()
    assert sorted(path.name for path in (target / "v").iterdir()) == [version]
    assert sorted(path.name for path in target.iterdir()) == ["index.html", "v"]


def test_another_version_stands_beside_the_one_before(page, tmp_path):
    target = tmp_path / "site"
    first = publish(page, target)
    (page / "app" / "a.js").write_text("export const a = 2;\n")
    second = publish(page, target)
    assert first != second
    assert f"v/{second}/" in (target / "index.html").read_text()
    assert "b.js" in (target / "v" / first / "app" / "a.js").read_text()
    (page / "app" / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    assert publish(page, target) == first
    assert f"v/{first}/" in (target / "index.html").read_text()


def test_the_newest_versions_are_kept(page, tmp_path):
    target = tmp_path / "site"
    made = []
    for number in range(KEPT_VERSIONS + 2):
        (page / "config.js").write_text(f"export const number = {number};\n")
        made.append(publish(page, target))
        # File systems that count time in coarse steps would not know the order.
        os.utime(target / "v" / made[-1], (number, number))
    assert sorted(path.name for path in (target / "v").iterdir()) == sorted(made[-KEPT_VERSIONS:])


def test_it_is_not_put_into_itself(page):
    done = subprocess.run([REPOSITORY / "scripts" / "publish-page", "--page", page, page / "site"],
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "within the page itself" in done.stderr
    assert not (page / "site").exists()
