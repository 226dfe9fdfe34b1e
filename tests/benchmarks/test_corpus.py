"""The pages of the benchmark and their samples."""

import gzip
from pathlib import Path

import pytest

from benchmarks.corpus import Page, corpus_files, corpus_folder, lay_out_site, page_urls, sample


def write_page(folder: Path, body: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{len(list(folder.iterdir()))}.html.gz").write_bytes(gzip.compress(body))


def test_sample_has_the_same_mix_of_sizes() -> None:
    pages = [Page(f"/u/{number}", number * 1000) for number in range(1, 1001)]
    chosen = sample(pages, 50)
    assert len({page.path for page in chosen}) == 50
    mean, whole = (sum(page.size for page in group) / len(group) for group in (chosen, pages))
    assert mean == pytest.approx(whole, rel=0.02)


def test_sample_is_the_same_every_time_and_not_in_order_of_size() -> None:
    pages = [Page(f"/u/{number}", number) for number in range(100)]
    first = sample(pages, 30)
    assert first == sample(list(reversed(pages)), 30)
    assert first != sorted(first, key=lambda page: page.size)


def test_sample_of_more_than_there_are_is_all() -> None:
    pages = [Page("/a", 1), Page("/b", 2)]
    assert sorted(page.path for page in sample(pages, 10)) == ["/a", "/b"]


def test_urls_go_over_the_hosts_in_turn() -> None:
    pages = [Page(f"/{number}", 1) for number in range(3)]
    assert page_urls(pages, ["a:1", "b:1"]) == ["http://a:1/0", "http://b:1/1", "http://a:1/2"]


def test_corpus_folder_comes_from_the_environment_or_beside_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHILA_CORPUS", "/somewhere")
    assert corpus_folder(Path("/a/b")) == Path("/somewhere")
    monkeypatch.delenv("NEPHILA_CORPUS")
    assert corpus_folder(Path("/a/b")) == Path("/a/shared/corpus")


def test_site_of_a_corpus_serves_its_files_by_charset(tmp_path: Path) -> None:
    folder = tmp_path / "corpus" / "articles" / "html"
    write_page(folder, "<p>ünï</p>".encode())
    write_page(folder, "<p>ünï</p>".encode("latin-1"))
    corpus = lay_out_site(tmp_path / "site", corpus_files(tmp_path / "corpus"))
    assert [page.path for page in corpus.pages] == ["/u/00000.html", "/p/00001.html"]
    assert [page.size for page in corpus.pages] == [12, 10]
    assert corpus.source == "corpus pages"
    served = gzip.decompress((tmp_path / "site" / "p" / "00001.html.gz").read_bytes())
    assert served == "<p>ünï</p>".encode("latin-1")


def test_no_corpus_means_generated_pages_that_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.corpus.GENERATED_PAGES", 30)
    corpus = lay_out_site(tmp_path / "site", corpus_files(tmp_path / "nothing"))
    assert corpus.source == "generated pages"
    assert len(corpus.pages) == 30
    assert 20_000 < corpus.mean_size < 500_000
    body = gzip.decompress((tmp_path / "site" / f"{corpus.pages[0].path.lstrip('/')}.gz").read_bytes())
    assert len(body) == corpus.pages[0].size
    assert body.startswith(b"<!doctype html>")
    assert len(list((tmp_path / "site" / "s").iterdir())) == 1000
