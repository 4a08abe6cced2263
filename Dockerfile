# One image: the service, its migrations and its command line. Nothing in it compiles, tests or talks to an index at run time.
#
#   docker build -t spine-triage .
#   docker run --rm -v spine-triage:/data spine-triage migrate
#   docker run --rm -v spine-triage:/data spine-triage keys create --name "front desk"
#   docker run --read-only --tmpfs /tmp --stop-timeout 45 -v spine-triage:/data -p 127.0.0.1:8000:8000 spine-triage
#
# docs/operating.md says more, of PostgreSQL and of master keys from elsewhere too.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
WORKDIR /opt/spine-triage
# The dependencies change seldom, so they are a layer of their own.
COPY requirements-runtime.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements-runtime.lock
COPY alembic.ini pyproject.toml README.md LICENSE ./
COPY alembic ./alembic
COPY app ./app
# Editable, as in `make setup`: the migrations are found beside app/. The root file system may then be read-only, so bytecode
# is compiled here, and what only served to install is taken out again.
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation --editable . \
 && /opt/venv/bin/python -m compileall -q app alembic \
 && /opt/venv/bin/pip uninstall --yes --quiet hatchling pathspec pluggy tomlkit trove-classifiers \
 && /opt/venv/bin/pip uninstall --yes --quiet pip

FROM python:${PYTHON_VERSION}-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="spine-triage" \
      org.opencontainers.image.description="Informational triage notes for spine clinics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin triage \
 && install --directory --owner=triage --group=triage --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/spine-triage /opt/spine-triage
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SPINE_TRIAGE_HOST=0.0.0.0 \
    SPINE_TRIAGE_PORT=8000 \
    SPINE_TRIAGE_DATABASE_URL=sqlite:////data/spine-triage.sqlite3 \
    SPINE_TRIAGE_MASTER_KEY_FILE=/data/spine-triage.keys
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# http.client, because urllib would ask a proxy from the environment.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import http.client, os, sys; door = http.client.HTTPConnection('127.0.0.1', int(os.environ['SPINE_TRIAGE_PORT']), timeout=2); door.request('GET', '/healthz'); sys.exit(door.getresponse().status != 200)"]
# The schema is brought up to date only when asked: `docker run … migrate` first, or SPINE_TRIAGE_MIGRATE_ON_START=true.
ENTRYPOINT ["spine-triage"]
CMD ["serve"]
