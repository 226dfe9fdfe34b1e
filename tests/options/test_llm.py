import pytest

from nephila.errors import ConfigError
from nephila.options import LLMConfig, Provenance


def test_the_token_is_read_from_the_environment_when_it_is_needed(monkeypatch):
    config = LLMConfig(api_token="env:MY_KEY")
    with pytest.raises(ConfigError, match="'MY_KEY', which is not set"):
        config.resolved_api_token()
    monkeypatch.setenv("MY_KEY", "abc")
    assert config.resolved_api_token() == "abc"
    assert "abc" not in str(config.dump())


def test_without_a_token_the_providers_variable_is_read(monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", "g")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert LLMConfig("groq/llama").resolved_api_token() == "g"
    assert LLMConfig("ollama/llama").resolved_api_token() is None
    assert LLMConfig().resolved_api_token() is None
    assert LLMConfig(api_token="plain").resolved_api_token() == "plain"


def test_an_untrusted_config_reads_no_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert LLMConfig(provenance=Provenance.UNTRUSTED).resolved_api_token() is None
    with pytest.raises(ConfigError, match="untrusted"):
        LLMConfig(api_token="env:OPENAI_API_KEY", provenance="untrusted").resolved_api_token()
