"""Pages made up from a seed: stand-ins for the corpus, and the small pages of the long stream."""

from __future__ import annotations

import random

WORDS = """
    river mountain paper silver window garden market engine winter harbour letter copper forest signal bridge
    station kitchen captain pattern thunder village library journey compass lantern orchard meadow factory
    the a of in to and with from under over between after before without against
""".split()


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words)).capitalize() + "."


def paragraph(rng: random.Random) -> str:
    text = " ".join(sentence(rng, rng.randint(6, 22)) for _ in range(rng.randint(2, 6)))
    link = f'<a href="/topic/{rng.randint(1, 9999)}">{sentence(rng, 3)}</a>'
    return f'<p class="text">{text} {link} <em>{text[:30]}</em></p>'


def table(rng: random.Random) -> str:
    head = "".join(f"<th>{sentence(rng, 1)}</th>" for _ in range(4))
    rows = "".join("<tr>" + "".join(f"<td>{rng.randint(1, 9999)}</td>" for _ in range(4)) + "</tr>" for _ in range(8))
    return f"<table><caption>{sentence(rng, 4)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def figure(rng: random.Random) -> str:
    name = rng.randint(1, 99999)
    return (
        f'<figure><img src="/i/{name}.jpg" srcset="/i/{name}-480.jpg 480w, /i/{name}-960.jpg 960w" '
        f'alt="{sentence(rng, 4)}" width="960"><figcaption>{sentence(rng, 8)}</figcaption></figure>'
    )


def script(rng: random.Random) -> str:
    state = ",".join(f'"{rng.choice(WORDS)}{index}":"{rng.getrandbits(64):x}"' for index in range(rng.randint(50, 600)))
    return f"<script>window.state = {{{state}}};</script>"


def section(rng: random.Random, kind: float) -> str:
    if kind < 0.55:
        return paragraph(rng)
    if kind < 0.65:
        return f"<h2>{sentence(rng, 5)}</h2>"
    if kind < 0.75:
        return figure(rng)
    if kind < 0.8:
        return table(rng)
    if kind < 0.88:
        return "<ul>" + "".join(f"<li>{sentence(rng, 8)}</li>" for _ in range(6)) + "</ul>"
    return script(rng)


def article_page(number: int) -> str:
    """An article of 5 kB to 1 MB, most of them small, with what real ones carry: menus, scripts, images, tables."""
    rng = random.Random(number)
    target = int(min(1_000_000, 5_000 * 10 ** (rng.random() * 2.3)))
    title = sentence(rng, 6)
    menu = "".join(f'<li><a href="/section/{index}">{sentence(rng, 2)}</a></li>' for index in range(30))
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>"
        f'<meta name="description" content="{title}"><meta property="og:title" content="{title}">'
        f'<link rel="canonical" href="/article/{number}"></head><body><nav><ul>{menu}</ul></nav><main><h1>{title}</h1>'
    ]
    size = len(parts[0])
    while size < target:
        parts.append(section(rng, rng.random()))
        size += len(parts[-1])
    parts.append(f"</main><footer><ul>{menu}</ul></footer></body></html>")
    return "".join(parts)


def small_page(number: int) -> str:
    """A page of about 3 kB."""
    rng = random.Random(number)
    title = sentence(rng, 5)
    menu = "".join(f'<a href="/s/{rng.randint(0, 999):03d}">{sentence(rng, 2)}</a> ' for _ in range(12))
    body = "".join(paragraph(rng) for _ in range(4))
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head>"
        f"<body><nav>{menu}</nav><main><h1>{title}</h1>{body}{figure(rng)}</main></body></html>"
    )
