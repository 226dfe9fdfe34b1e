"""The content filter that asks a language model, against a server that speaks as one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nephila import (
    AsyncWebCrawler,
    ConfigError,
    DefaultMarkdownGenerator,
    ErrorCode,
    LLMConfig,
    LLMContentFilter,
    UnsupportedOptionError,
)
from nephila.errors import ReadError

pytest.importorskip("litellm")

PAGE = "<body><nav>Home</nav><p>Spiders <b>weave</b> nets.</p><script>var x</script></body>"


class Model:
    """Answers chat completions with what it was told to, one after the other."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.answers: list[tuple[int, dict | str]] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked.append({**body, "key": self.headers.get("Authorization")})
                status, answer = model.answers.pop(0) if len(model.answers) > 1 else model.answers[0]
                text = answer if isinstance(answer, str) else json.dumps(answer)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def config(self, **options: object) -> LLMConfig:
        return LLMConfig("openai/test", api_token="secret", base_url=self.url, backoff_base_delay=0.01, **options)


def answer(text: str, finish: str = "stop") -> dict:
    message = {"role": "assistant", "content": text}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "test",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Model]:
    model = Model()
    yield model
    model.close()


@pytest.fixture
def model(server: Model) -> Model:
    server.asked.clear()
    server.answers = [(200, answer("<content><p>Spiders <b>weave</b> nets.</p><script>bad()</script></content>"))]
    return server


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")


async def test_fit_markdown_is_what_the_model_keeps(model: Model) -> None:
    kept = LLMContentFilter(model.config(temperature=0), instruction="Keep what is about spiders.")
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(f"raw:{PAGE}", markdown_generator=DefaultMarkdownGenerator(kept))
    assert result.success
    assert result.markdown.fit_markdown is not None
    assert result.markdown.fit_markdown.strip() == "Spiders **weave** nets."
    assert "bad" not in (result.fit_html or "")
    (asked,) = model.asked
    assert asked["temperature"] == 0
    assert asked["key"] == "Bearer secret"
    assert "Keep what is about spiders." in asked["messages"][0]["content"]
    assert "Spiders" in asked["messages"][1]["content"] and "var x" not in asked["messages"][1]["content"]
    assert kept.total_usage.total_tokens == 13
    assert kept.show_usage().startswith("1 calls, 10 tokens asked")


def test_a_long_page_is_asked_about_in_pieces(model: Model) -> None:
    words = " ".join(f"word{number}" for number in range(1000))
    kept = LLMContentFilter(model.config(), chunk_token_threshold=260, overlap_rate=0.1)
    blocks = kept.filter_content(f"<p>{words}</p>")
    sent = [asked["messages"][1]["content"].split() for asked in model.asked]
    assert len(blocks) == len(sent) == len(kept.usages) == 6
    assert all(len(piece) <= 200 for piece in sent)
    assert {word.strip("<>/p") for piece in sent for word in piece} >= {f"word{number}" for number in range(1, 999)}


def test_asked_too_often_is_asked_again(model: Model) -> None:
    model.answers.insert(0, (429, {"error": {"message": "slow down"}}))
    assert len(LLMContentFilter(model.config()).filter_content(PAGE)) == 1
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    ("given", "sentence", "calls"),
    [
        ((429, {"error": {"message": "slow down"}}), "asked too often", 3),
        ((200, answer("<content>x", finish="length")), "cut off", 1),
        ((200, answer("  ")), "empty answer", 1),
        ((200, "no json"), "gave no answer", 1),
        ((401, {"error": {"message": "bad key"}}), "gave no answer", 1),
    ],
    ids=["429", "truncated", "empty", "invalid", "key"],
)
async def test_failures_are_the_pages_own(model: Model, given: tuple, sentence: str, calls: int) -> None:
    model.answers = [given]
    kept = LLMContentFilter(model.config())
    with pytest.raises(ReadError, match=sentence) as caught:
        kept.filter_content(PAGE)
    assert "secret" not in str(caught.value)
    assert len(model.asked) == calls
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(f"raw:{PAGE}", markdown_generator=DefaultMarkdownGenerator(kept))
    assert not result.success
    assert result.error_code in (ErrorCode.READ, ErrorCode.USER_CODE)
    assert sentence in (result.error_message or "")


def test_nothing_to_ask_is_not_asked(model: Model) -> None:
    assert LLMContentFilter(model.config()).filter_content("<script>x</script>") == []
    assert model.asked == []


def test_what_cannot_be_done_is_refused(model: Model) -> None:
    for wrong in ({"chunk_token_threshold": 0}, {"overlap_rate": 1}, {"word_token_rate": 0}):
        with pytest.raises(ConfigError):
            LLMContentFilter(**wrong)
    for refused in ({"ignore_cache": False}, {"extra_args": {"a": 1}}):
        with pytest.raises(UnsupportedOptionError):
            LLMContentFilter(**refused)
