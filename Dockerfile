# The Lockkeeper worker. Build it in a clone: docker build -t lockkeeper .
#
# Arguments
#   BASE              a glibc image with Node 20.19 or later (Temporal's native library does not run on musl, so no Alpine).
#   FROM_SOURCE       yes: compile what is in the context. no: the context is an unpacked npm package with its
#                     node_modules (npm pack; tar xf lockkeeper-*.tgz; cd package; npm install --omit=dev), for a base
#                     without npm or a machine without network.
#   POSTGRES_MAJOR    the major version of your server: of pg_dump, and of the private servers that changes are rehearsed on.
#   REQUIREMENTS      file in the context with the Python packages of your application (its Alembic runs in this image);
#                     they go to /opt/application. Empty: you mount or add the application's Python yourself.
# Where the base has no apt, nothing is installed: it must bring a PostgreSQL server with its tools, and python3, itself.
ARG BASE=node:22-bookworm-slim

FROM ${BASE} AS build
ARG FROM_SOURCE=yes
WORKDIR /build
COPY package*.json ./
# Scripts of dependencies are not run: none is needed, and each is somebody else's code.
RUN if [ "$FROM_SOURCE" = yes ]; then npm ci --ignore-scripts --no-audit --no-fund; fi
COPY . .
RUN set -eu; \
    if [ "$FROM_SOURCE" = yes ]; then \
      npm run build; \
      npm prune --omit=dev --ignore-scripts --no-audit --no-fund; \
    fi; \
    test -f dist/workflow-bundle.js; \
    # Temporal's native library comes for five platforms, 138 MB; one of them is ours.
    find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +; \
    mkdir /app; \
    mv package.json dist node_modules requirements examples schema /app/

FROM ${BASE}
ARG POSTGRES_MAJOR=18
# Debian's own PostgreSQL is older than many servers, hence PGDG; its key is part of Debian's postgresql-common.
RUN set -eu; \
    if command -v apt-get >/dev/null; then \
      export DEBIAN_FRONTEND=noninteractive; \
      apt-get update; \
      apt-get install -y --no-install-recommends ca-certificates git postgresql-common python3 python3-venv; \
      /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; \
      # Its own server is never started: rehearsals start theirs.
      echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf; \
      apt-get install -y --no-install-recommends "postgresql-$POSTGRES_MAJOR"; \
      rm -rf /var/lib/apt/lists/*; \
    else \
      echo "no apt in this base: a PostgreSQL server with its tools, and python3, must be part of it"; \
    fi; \
    # A user without rights, made by hand because not every base has useradd.
    echo 'lockkeeper:x:10001:10001:Lockkeeper:/var/lib/lockkeeper:/usr/sbin/nologin' >> /etc/passwd; \
    echo 'lockkeeper:x:10001:' >> /etc/group; \
    mkdir -p /config /var/lib/lockkeeper; \
    # A named volume takes over the owner of the folder that it is mounted on.
    chown 10001:10001 /var/lib/lockkeeper

COPY --from=build /app /app
ARG REQUIREMENTS=
RUN set -eu; \
    if [ -n "$REQUIREMENTS" ]; then \
      python3 -m venv /opt/application; \
      /opt/application/bin/pip install --no-cache-dir -r "/app/$REQUIREMENTS"; \
    fi

USER 10001:10001
# The folder with lockkeeper.yaml is mounted here. stateDir must lead to /var/lib/lockkeeper: /config is read-only.
WORKDIR /config
ENV HOME=/var/lib/lockkeeper LOCKKEEPER_CONFIG=/config/lockkeeper.yaml NODE_ENV=production
VOLUME /var/lib/lockkeeper
EXPOSE 8080
# /healthz answers 503 as long as the worker does not poll or Temporal does not answer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["worker", "--health-port", "8080", "--health-host", "0.0.0.0"]
