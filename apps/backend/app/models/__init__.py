"""Tables and API schemas. Importing this package registers every table of this service."""

from app.models.chat import ChatItem, ChatStop, ChatThread, ChatTicket
from app.models.idempotency import Idempotency
from app.models.task import Task

__all__ = ["ChatItem", "ChatStop", "ChatThread", "ChatTicket", "Idempotency", "Task"]
