"""What has a name of its own in the cache."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nephila import BM25ContentFilter, CrawlerRunConfig, DefaultMarkdownGenerator, PruningContentFilter
from nephila.extract.pool import ReadingPlan
from nephila.models import Request
from nephila.net.cookie_jar import Cookie, CookieJar
from nephila.net.guard import AddressPolicy
from nephila.options.auth import ClientCertificate
from nephila.options.reading import reading_options
from nephila.store.identity import digest_of, options_digest, page_key
from tests.options.strategies_for_tests import PlainMarkdown
from tests.programs import run_program


def key_of(request: Request, session_id: str | None = None) -> bytes:
    way = [f"{request.proxy} {request.proxy_auth}"] if request.proxy or request.proxy_auth else []
    return page_key(request, request.headers, way, session_id)


REQUEST = Request("https://a.example/x", headers={"User-Agent": "me", "Accept": "text/html"})


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://a.example/y"},
        {"url": "http://a.example/x"},
        {"method": "HEAD"},
        {"headers": {"User-Agent": "you", "Accept": "text/html"}},
        {"headers": {"User-Agent": "me", "Accept": "text/html", "Authorization": "Basic YTpi"}},
        {"headers": {"User-Agent": "me", "Accept": "text/html", "Accept-Language": "de"}},
        {"cookies": ({"name": "a", "value": "1", "url": "https://a.example/"},)},
        {"proxy": "http://p:1"},
        {"proxy_auth": ("u", "p")},
        {"verify_tls": False},
        {"follow_redirects": False},
        {"follow_meta_refresh": False},
        {"policy": AddressPolicy(public_only=True)},
        {"client_certs": {"https://a.example": ClientCertificate("me.pem")}},
        {"cookie_jar": CookieJar([Cookie("a", "1", "elsewhere.example")])},
    ],
    ids=str,
)
def test_another_request_has_another_name(change: dict[str, object]) -> None:
    assert key_of(replace(REQUEST, **change), None) != key_of(REQUEST, None)


def test_sessions_have_names_of_their_own() -> None:
    assert len({key_of(REQUEST, session) for session in (None, "a", "b", "")}) == 4


def test_the_same_request_has_the_same_name() -> None:
    turned = {"accept": "text/html", "user-agent": "me"}
    same = replace(REQUEST, url="https://a.example/x#part", headers=turned, max_body_bytes=5, max_redirects=3)
    assert key_of(same, None) == key_of(REQUEST, None)


def test_parts_cannot_be_shifted() -> None:
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"]) != digest_of([b"abc"])


def name_of(config: CrawlerRunConfig) -> bytes | None:
    return options_digest(reading_options(config))


def test_every_way_of_reading_has_its_name() -> None:
    configs = [
        CrawlerRunConfig(),
        CrawlerRunConfig(css_selector="main"),
        CrawlerRunConfig(prefetch=True),
        CrawlerRunConfig(max_decoded_bytes=5),
        CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(content_filter=PruningContentFilter())),
        CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(content_filter=PruningContentFilter(0.3))),
        CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(content_filter=BM25ContentFilter("a"))),
        CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(options={"body_width": 5})),
    ]
    names = [name_of(config) for config in configs]
    assert None not in names
    assert len(set(names)) == len(configs)
    assert names == [name_of(config.clone(page_timeout=5, verbose=False)) for config in configs]


def test_names_are_the_same_in_every_process() -> None:
    program = """
        from nephila import BM25ContentFilter, CrawlerRunConfig, DefaultMarkdownGenerator
        from nephila.options.reading import reading_options
        from nephila.store.identity import options_digest
        generator = DefaultMarkdownGenerator(content_filter=BM25ContentFilter("a b c"))
        config = CrawlerRunConfig(excluded_tags=["nav", "footer"], markdown_generator=generator)
        print(options_digest(reading_options(config)).hex())
    """
    assert len({run_program(program, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2", "3")}) == 1


def test_a_strategy_of_the_callers_own_keeps_the_document_out() -> None:
    assert ReadingPlan.of(CrawlerRunConfig(markdown_generator=PlainMarkdown())).pickled is None
