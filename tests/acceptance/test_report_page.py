"""The page of a report in a browser: on a telephone and a wall, by day and night."""

from pathlib import Path

from loader.report.page import page
from tests.browser import browsing, needs_chromium
from tests.unit.report.builders import a_report, a_step
from tests.unit.report.test_page import hostile_report

pytestmark = needs_chromium

#: texts whose colour stands out from what is behind them by less than 4.5 to 1
FAINT = """(() => {
  const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = channels(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const ink = node.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(channels(ink)), light(behind(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) found.push(node.textContent.slice(0, 40));
  }
  return found;
})()"""
#: what sticks out of the window, and is not in a part that can be scrolled by itself
STICKING_OUT = """[...document.querySelectorAll("body *")].filter(each =>
  each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".scroll")
).map(each => each.outerHTML.slice(0, 80))"""
SHOWN = """[...document.querySelectorAll(".plots svg")].filter(each =>
  each.getClientRects().length).map(each => each.closest("div").className)"""


async def test_the_page_can_be_read_on_any_screen(tmp_path: Path):
    """Nothing sticks out, nothing is faint, and nothing is asked of anybody."""
    file = tmp_path / "report.html"
    file.write_text(page(a_report(
        with_data=True, steps=[a_step(n, errors={"kind": n}) for n in range(30)]
    )))  # fmt: skip
    grounds: set[str] = set()
    async with browsing() as browser:
        for width in (360, 800, 1600):
            for dark in (False, True):
                await browser.open(file.as_uri(), width=width, dark=dark)
                await browser.ask(
                    "document.querySelectorAll('details').forEach(e => e.open = true)"
                )

                where = f"{width}, dark: {dark}"
                assert await browser.ask(STICKING_OUT) == [], where
                assert await browser.ask(
                    "document.documentElement.scrollWidth <= innerWidth"
                ), where
                assert await browser.ask(FAINT) == [], where
                form = "narrow" if width == 360 else "wide"
                assert await browser.ask(SHOWN) == [form] * 4, where
                ground = await browser.ask(
                    "getComputedStyle(document.body).backgroundColor"
                )
                grounds.add(ground)

    assert len(grounds) == 2
    assert browser.complaints == []
    assert {each for each in browser.requests if not each.startswith("data:")} == {
        file.as_uri()
    }


async def test_hostile_words_do_nothing_in_a_browser(tmp_path: Path):
    """They neither run nor load, and long ones without a blank are broken."""
    words = (
        "<img src=http://127.0.0.1:9/x onerror=document.title=1>"
        "<script>document.title=2</script>"
    )
    file = tmp_path / "report.html"
    file.write_text(page(hostile_report(words + "x" * 300)))
    async with browsing() as browser:
        await browser.open(file.as_uri(), width=360)
        title = await browser.ask("document.title")
        sticking_out = await browser.ask(STICKING_OUT)

    assert title.startswith("Load of <img")
    assert sticking_out == []
    assert browser.complaints == []
    assert {each for each in browser.requests if not each.startswith("data:")} == {
        file.as_uri()
    }


async def test_the_page_can_be_printed(tmp_path: Path):
    """On white paper, also by night."""
    file = tmp_path / "report.html"
    file.write_text(page(a_report()))
    async with browsing() as browser:
        await browser.open(file.as_uri(), width=800, dark=True)
        await browser("Emulation.setEmulatedMedia", media="print", features=[
            {"name": "prefers-color-scheme", "value": "dark"}])  # fmt: skip
        ground = await browser.ask("getComputedStyle(document.body).backgroundColor")
        faint = await browser.ask(FAINT)

    assert ground == "rgb(255, 255, 255)"
    assert faint == []
