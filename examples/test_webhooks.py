"""One subscriber's trouble is nobody else's."""

from examples.webhooks import notify

EVENT = {"kind": "order.paid", "order": 7}


def test_everybody_is_told_whatever_becomes_of_the_others(mock_router):
    good = mock_router.post("https://good.example/hook", json=EVENT).respond(204).expect(1)
    mock_router.post("https://gone.example/hook").respond(410)
    mock_router.post("https://slow.example/hook").respond(200, delay=30)
    mock_router.post("https://down.example/hook").fail("connection_refused")
    names = ("gone", "slow", "down", "good")

    outcome = notify([f"https://{name}.example/hook" for name in names], EVENT)

    assert list(outcome.values()) == ["refused with 410", "ReadTimeout", "ConnectError", "delivered"]
    assert good.calls.last.request.json() == EVENT
