def configure_logging():
    pass
