def get_settings():
    return None
