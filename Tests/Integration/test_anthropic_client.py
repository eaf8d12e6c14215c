"""The anthropic package against gateway and simulated engine."""

import anthropic
import pytest

from harness.worker import MODEL

MESSAGES = [{"role": "user", "content": "Tell me about gateways."}]


@pytest.fixture(scope="module")
def client(shared_house) -> anthropic.Anthropic:
    gateway = shared_house.gateway(shared_house.workers(1))
    return anthropic.Anthropic(base_url=gateway.url, api_key="none", max_retries=0)


def test_message(client):
    answer = client.messages.create(model=MODEL, max_tokens=6, messages=MESSAGES)
    assert answer.role == "assistant"
    assert answer.content[0].text
    assert answer.stop_reason == "max_tokens"
    assert answer.usage.output_tokens == 6


def test_message_stream(client):
    whole = client.messages.create(model=MODEL, max_tokens=6, messages=MESSAGES)
    with client.messages.stream(model=MODEL, max_tokens=6, messages=MESSAGES) as stream:
        parts = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(parts) == whole.content[0].text
    assert len(parts) == 6
    assert final.usage.output_tokens == 6


def test_x_api_key_opens_the_gateway(house):
    gateway = house.gateway([house.worker("--api-key", "sk-a")], "--api-key", "sk-a", headers={"x-api-key": "sk-a"})
    good = anthropic.Anthropic(base_url=gateway.url, api_key="sk-a", max_retries=0)
    assert good.messages.create(model=MODEL, max_tokens=1, messages=MESSAGES).usage.output_tokens == 1
    bad = anthropic.Anthropic(base_url=gateway.url, api_key="sk-b", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        bad.messages.create(model=MODEL, max_tokens=1, messages=MESSAGES)
