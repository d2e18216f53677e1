# One image for every process of the system; which one it is, the command says: web, worker, beat, db upgrade.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/postal \
    && /opt/postal/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: --requirement requirements.txt
COPY pyproject.toml README.md ./
COPY config config
COPY carriers carriers
COPY dispatch dispatch
COPY tracking tracking
COPY worker worker
RUN /opt/postal/bin/pip install --no-cache-dir --no-deps --no-index --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/postal --create-home postal
COPY --from=build /opt/postal /opt/postal
ENV PATH=/opt/postal/bin:$PATH PYTHONUNBUFFERED=1 POSTAL_HOME=/var/lib/postal POSTAL_LOG_JSON=true
USER postal
WORKDIR /var/lib/postal
VOLUME /var/lib/postal
EXPOSE 8321
# Work that is under way may end; see docs/operations/README.md for how long that takes.
STOPSIGNAL SIGTERM
ENTRYPOINT ["postal"]
CMD ["doctor"]
