from app.migrations import revision


def main(arguments):
    return revision.upgrade()
