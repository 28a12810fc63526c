"""The model that works without any network or key."""

from app.agent.offline.model import OfflineModel

__all__ = ["OfflineModel"]
