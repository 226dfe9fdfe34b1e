import threading

import pytest

from nephila.errors import ConfigError, UnknownOptionError
from nephila.options import BrowserConfig, CacheMode, CrawlerRunConfig, ProxyConfig


@pytest.fixture(autouse=True)
def _reset():
    yield
    CrawlerRunConfig.reset_defaults()
    BrowserConfig.reset_defaults()


def test_what_is_given_wins_over_set_defaults_over_the_hard_default():
    CrawlerRunConfig.set_defaults(page_timeout=5000, cache_mode="disabled")
    assert CrawlerRunConfig().page_timeout == 5000
    assert CrawlerRunConfig().cache_mode is CacheMode.DISABLED
    assert CrawlerRunConfig(page_timeout=7).page_timeout == 7
    assert CrawlerRunConfig(page_timeout=60_000).page_timeout == 60_000
    assert CrawlerRunConfig.from_kwargs({}).page_timeout == 5000
    assert CrawlerRunConfig().mean_delay == 0.1


def test_classes_do_not_share_defaults():
    CrawlerRunConfig.set_defaults(verbose=False)
    assert BrowserConfig().verbose is True


def test_get_and_reset():
    CrawlerRunConfig.set_defaults(page_timeout=5000)
    CrawlerRunConfig.set_defaults(stream=True)
    assert CrawlerRunConfig.get_defaults() == {"page_timeout": 5000, "stream": True}
    CrawlerRunConfig.reset_defaults("stream", "mean_delay")
    assert CrawlerRunConfig.get_defaults() == {"page_timeout": 5000}
    CrawlerRunConfig.reset_defaults()
    assert CrawlerRunConfig.get_defaults() == {}
    assert CrawlerRunConfig() == CrawlerRunConfig(page_timeout=60_000)


def test_nothing_is_set_when_one_value_cannot_be_used():
    with pytest.raises(ConfigError, match="page_timeout must be"):
        CrawlerRunConfig.set_defaults(stream=True, page_timeout=-1)
    with pytest.raises(UnknownOptionError, match="Did you mean 'stream'"):
        CrawlerRunConfig.set_defaults(page_timeout=5, straem=True)
    with pytest.raises(UnknownOptionError, match="Did you mean 'stream'"):
        CrawlerRunConfig.reset_defaults("straem")
    assert CrawlerRunConfig.get_defaults() == {}


def test_defaults_are_copied_in_and_out():
    tags = ["nav"]
    CrawlerRunConfig.set_defaults(excluded_tags=tags)
    tags.append("a")
    CrawlerRunConfig().excluded_tags.append("b")
    CrawlerRunConfig.get_defaults()["excluded_tags"].append("c")
    assert CrawlerRunConfig().excluded_tags == ["nav"]


def test_a_clone_keeps_what_its_original_holds():
    config = CrawlerRunConfig(page_timeout=9)
    plain = CrawlerRunConfig()
    CrawlerRunConfig.set_defaults(page_timeout=5000, stream=True)
    assert config.clone().page_timeout == 9
    assert plain.clone().stream is False


def test_a_dump_means_the_same_whatever_the_defaults_are():
    explicit = CrawlerRunConfig(page_timeout=60_000)
    dumped = explicit.dump()
    CrawlerRunConfig.set_defaults(page_timeout=5000)
    assert CrawlerRunConfig.load(dumped) == explicit
    under_defaults = CrawlerRunConfig().dump()
    CrawlerRunConfig.reset_defaults()
    assert CrawlerRunConfig.load(under_defaults).page_timeout == 5000


def test_the_old_proxy_option_can_be_a_default():
    with pytest.warns(UserWarning, match="proxy is deprecated"):
        BrowserConfig.set_defaults(proxy="http://p.example:1")
    assert BrowserConfig().proxy_config == ProxyConfig("http://p.example:1")


def test_configs_built_while_defaults_change_see_the_old_or_the_new_ones():
    CrawlerRunConfig.set_defaults(page_timeout=1, semaphore_count=1)
    stop = threading.Event()
    seen = set()

    def build():
        while not stop.is_set():
            config = CrawlerRunConfig()
            seen.add((config.page_timeout, config.semaphore_count))

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(300):
        CrawlerRunConfig.set_defaults(page_timeout=turn % 2 + 1, semaphore_count=turn % 2 + 1)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen <= {(1, 1), (2, 2)}


def test_no_default_is_lost_when_threads_set_them_at_once():
    names = ["mean_delay", "max_range", "scroll_delay", "delay_before_return_html", "screenshot_wait_for"]
    barrier = threading.Barrier(len(names))

    def set_one(name):
        barrier.wait()
        for _ in range(50):
            CrawlerRunConfig.set_defaults(**{name: 3})

    threads = [threading.Thread(target=set_one, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CrawlerRunConfig.get_defaults() == dict.fromkeys(names, 3)
