"""Draws the picture of a report in Chromium: ``python -m docs.page_pictures REPORT.html``."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 1360, 1560


def report_picture(page_file: Path, out: Path = PICTURES / "report.png") -> None:
    """Draw the head of a report, in 256 colours."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector("html[data-ready=true]", state="attached")
        page.evaluate("h2plantDrawAll()")
        page.wait_for_timeout(1000)
        shown = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    shown.convert("RGB").quantize(256).save(out, optimize=True)


if __name__ == "__main__":
    report_picture(Path(sys.argv[1]))
