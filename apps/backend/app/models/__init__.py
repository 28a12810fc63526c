"""Tables and API schemas. Importing this package registers every table of this service."""

from app.models.chat import ChatItem, ChatStop, ChatThread
from app.models.task import Task

__all__ = ["ChatItem", "ChatStop", "ChatThread", "Task"]
