"""The openai package against gateway and simulated engines, as an application uses it."""

import openai
import pytest
from openai import OpenAI

from harness.gateway import Gateway
from harness.worker import MODEL

KEY = "sk-integration"


@pytest.fixture(scope="module")
def gateway(shared_house) -> Gateway:
    return shared_house.gateway(shared_house.workers(2))


@pytest.fixture(scope="module")
def client(gateway) -> OpenAI:
    return OpenAI(base_url=gateway.url + "/v1", api_key="none", max_retries=0)


MESSAGES = [{"role": "user", "content": "Tell me about gateways."}]


def test_chat(client):
    answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=7)
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 7
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 7


def test_chat_stream_has_every_token_and_usage(client):
    whole = client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=9)
    stream = client.chat.completions.create(
        model=MODEL, messages=MESSAGES, max_tokens=9, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert sum(1 for chunk in chunks if chunk.choices and chunk.choices[0].delta.content) == 9
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [9]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"


def test_completions(client):
    answer = client.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=5)
    assert answer.usage.completion_tokens == 5
    streamed = client.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=5, stream=True)
    assert "".join(chunk.choices[0].text for chunk in streamed if chunk.choices) == answer.choices[0].text


def test_embeddings(client):
    one = client.embeddings.create(model=MODEL, input="a text")
    two = client.embeddings.create(model=MODEL, input=["a text", "another text"])
    assert len(one.data) == 1 and len(two.data) == 2
    assert one.data[0].embedding == two.data[0].embedding != two.data[1].embedding


def test_models(client):
    assert [model.id for model in client.models.list()] == [MODEL]


def test_responses(client):
    answer = client.responses.create(model=MODEL, input="Say something.", max_output_tokens=6)
    assert answer.output_text
    assert answer.usage.output_tokens == 6
    events = list(client.responses.create(model=MODEL, input="Say something.", max_output_tokens=6, stream=True))
    assert events[-1].type in ("response.completed", "response.incomplete")
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == answer.output_text


@pytest.mark.parametrize(
    "body, code, param",
    [
        ({"model": MODEL}, "missing_required_parameter", "messages"),
        ({"model": MODEL, "messages": []}, "empty_messages", "messages"),
        ({"model": MODEL, "messages": "hello"}, "invalid_type", "messages"),
        ({"model": 7, "messages": MESSAGES}, "invalid_type", "model"),
        ({"model": MODEL, "messages": MESSAGES, "stream": "yes"}, "invalid_type", "stream"),
    ],
)
def test_errors_are_api_errors(client, body, code, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=body, cast_to=object)
    error = caught.value
    assert (error.status_code, error.code, error.param, error.type) == (400, code, param, "invalid_request_error")
    assert error.response.headers["x-smg-error-code"] == code
    assert error.request_id == error.response.headers["x-request-id"]


def test_errors_of_the_engine_come_through(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=-1)
    assert (caught.value.code, caught.value.param) == ("invalid_value", "max_tokens")
    assert "x-smg-error-code" not in caught.value.response.headers


def test_unknown_path(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.post("/nothing/here", body={}, cast_to=object)
    assert (caught.value.status_code, caught.value.code) == (404, "unknown_url")


def test_unknown_model_among_several(house):
    gateway = house.gateway([house.worker(model="alpha"), house.worker(model="beta")])
    client = OpenAI(base_url=gateway.url + "/v1", api_key="none", max_retries=0)
    assert sorted(model.id for model in client.models.list()) == ["alpha", "beta"]
    for name in ("alpha", "beta"):
        assert client.chat.completions.create(model=name, messages=MESSAGES, max_tokens=1).model == name
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gamma", messages=MESSAGES)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_api_key(house):
    worker = house.worker("--api-key", KEY)
    gateway = house.gateway([worker], "--api-key", KEY, headers={"authorization": f"Bearer {KEY}"})
    good = OpenAI(base_url=gateway.url + "/v1", api_key=KEY, max_retries=0)
    assert good.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=2).usage.completion_tokens == 2
    before = worker.stats()["received"]
    for wrong in ("sk-wrong", KEY + "x", KEY[:-1]):
        bad = OpenAI(base_url=gateway.url + "/v1", api_key=wrong, max_retries=0)
        with pytest.raises(openai.AuthenticationError) as caught:
            bad.chat.completions.create(model=MODEL, messages=MESSAGES)
        assert caught.value.status_code == 401
        assert caught.value.code == "invalid_api_key"
        assert caught.value.response.headers["www-authenticate"] == "Bearer"
    assert worker.stats()["received"] == before
