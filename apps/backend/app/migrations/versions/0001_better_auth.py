"""Better Auth's tables, as its 1.7 core and jwt plugin define them for PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

_TIMESTAMP = sa.DateTime(timezone=True)


def _created_at(*, default: bool = True) -> sa.Column[object]:
    now = sa.text("CURRENT_TIMESTAMP") if default else None
    return sa.Column("createdAt", _TIMESTAMP, nullable=False, server_default=now)


def _updated_at(*, default: bool = True) -> sa.Column[object]:
    now = sa.text("CURRENT_TIMESTAMP") if default else None
    return sa.Column("updatedAt", _TIMESTAMP, nullable=False, server_default=now)


def _user_id() -> sa.Column[str]:
    return sa.Column("userId", sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Create the five tables and their indexes."""
    op.create_table(
        "user",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("emailVerified", sa.Boolean, nullable=False),
        sa.Column("image", sa.Text),
        _created_at(),
        _updated_at(),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("expiresAt", _TIMESTAMP, nullable=False),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        _created_at(),
        _updated_at(default=False),
        sa.Column("ipAddress", sa.Text),
        sa.Column("userAgent", sa.Text),
        _user_id(),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("accountId", sa.Text, nullable=False),
        sa.Column("providerId", sa.Text, nullable=False),
        _user_id(),
        sa.Column("accessToken", sa.Text),
        sa.Column("refreshToken", sa.Text),
        sa.Column("idToken", sa.Text),
        sa.Column("accessTokenExpiresAt", _TIMESTAMP),
        sa.Column("refreshTokenExpiresAt", _TIMESTAMP),
        sa.Column("scope", sa.Text),
        sa.Column("password", sa.Text),
        _created_at(),
        _updated_at(default=False),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("expiresAt", _TIMESTAMP, nullable=False),
        _created_at(),
        _updated_at(),
    )
    op.create_table(
        "jwks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("publicKey", sa.Text, nullable=False),
        sa.Column("privateKey", sa.Text, nullable=False),
        _created_at(default=False),
        sa.Column("expiresAt", _TIMESTAMP),
        sa.Column("alg", sa.Text),
        sa.Column("crv", sa.Text),
    )
    op.create_index("session_userId_idx", "session", ["userId"])
    op.create_index("account_userId_idx", "account", ["userId"])
    op.create_index("verification_identifier_idx", "verification", ["identifier"])


def downgrade() -> None:
    """Drop the five tables with all accounts."""
    for table in ("jwks", "verification", "account", "session", "user"):
        op.drop_table(table)
