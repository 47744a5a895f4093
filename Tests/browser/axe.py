"""Whether a page keeps the rules of accessible pages, as axe-core knows them."""

from axe_playwright_python.sync_playwright import Axe

from chat_page import ChatPage


def violations(page: ChatPage) -> list:
    """The rules that the page breaks, each with the elements that do: [("color-contrast", ["<p>…"])].

    What fades in has to be there before: a text that is half transparent lacks contrast.
    """
    page.wait_until(lambda: page.page.evaluate(
        "document.getAnimations().every((it) => it.playState === 'finished'"
        " || it.effect.getComputedTiming().iterations === Infinity)"), "nothing moves")
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]])
            for rule in Axe().run(page.page).response["violations"]]
