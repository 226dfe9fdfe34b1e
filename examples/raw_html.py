"""Read HTML that is already here: a file, or a string. Nothing is fetched.

python examples/raw_html.py
python examples/raw_html.py page.html --base-url https://example.com/
"""

import argparse
import asyncio
from pathlib import Path

from nephila import AsyncWebCrawler

PAGE = """<h1>Price list</h1>
<table><thead><tr><th>Item</th><th>Price</th></tr></thead>
<tbody><tr><td>Web</td><td>12</td></tr><tr><td>Silk</td><td>7</td></tr></tbody></table>
<p><a href="order">Order</a></p>"""


async def main(html: str, base_url: str) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.aprocess_html(base_url, html)
    print(result.markdown)
    for table in result.tables:
        print(table["headers"], table["rows"])
    for link in result.links["internal"] + result.links["external"]:
        print(link["href"], link["text"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="an HTML file; without one, a page in this program")
    parser.add_argument("--base-url", default="https://example.com/", help="what relative links resolve against")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.file.read_text(encoding="utf-8") if arguments.file else PAGE, arguments.base_url))
