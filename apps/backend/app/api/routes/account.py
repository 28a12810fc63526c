"""REST: what is kept of the caller."""

from __future__ import annotations

from fastapi import APIRouter, Depends, status

from app.api.deps import ERROR_RESPONSES, IdentityDep, ResourcesDep, limit_api_rate

router = APIRouter(
    prefix="/api/account", tags=["account"], dependencies=[Depends(limit_api_rate)], responses=ERROR_RESPONSES
)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, summary="Erase my data")
async def erase_account(identity: IdentityDep, resources: ResourcesDep) -> None:
    """Removes all tasks and conversations of the caller for good; again is no error.

    What signs the caller in is the front end's, which deletes it afterwards.
    """
    await resources.account.erase(identity.user_id)
