import os
from pathlib import Path


def upgrade():
    with Path(os.environ["DEV_OVERLAY"], "migrated").open("a") as done:
        done.write("first\n")
    return 0
