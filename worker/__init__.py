"""The floor that runs: Celery tasks, the web interface, the command line, and the training world around them."""
