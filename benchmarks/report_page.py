"""What the report's page costs: to make, on the disk, and until its first row is seen in Chromium.

    tldr-data build --taxonomy all --limit 5000 --out out/all
    python benchmarks/report_page.py out/all [--repeats 5]

Needs playwright and an installed Chromium. Each time is the median; a browser is started anew for each load.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tldr_data.manifest import load_manifest, row_folders

SEEN = """
new MutationObserver(() => {
  if (window.seen || !document.querySelector(".card .text")) return;
  window.seen = true;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    manifest = load_manifest(options.dataset)
    rows = sum(sum(manifest["rows"][folder].values()) for folder in row_folders(manifest))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        made = statistics.median(seconds_to_make(options.dataset, page) for _ in range(options.repeats))
        seen = statistics.median(milliseconds_to_first_row(page) for _ in range(options.repeats))
        size = page.stat().st_size / 1e6
    print(f"{rows:,} rows: page made in {made:.1f} s, {size:.1f} MB, first row seen after {seen:.0f} ms")


def seconds_to_make(dataset: Path, page: Path) -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-m", "tldr_data.cli", "report", str(dataset), "-o", str(page)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def milliseconds_to_first_row(page: Path) -> float:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.add_init_script(SEEN)
        tab.goto(page.resolve().as_uri())
        tab.wait_for_function("window.painted")
        painted: float = tab.evaluate("window.painted")
        browser.close()
    return painted


if __name__ == "__main__":
    main()
