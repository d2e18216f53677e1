"""The web interface: FastAPI, problem documents, and as little logic as possible."""
