"""A page as text."""

from django.test import Client


def text_of(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, address
    return reply.content.decode()
