def cases(lab):
    return []
