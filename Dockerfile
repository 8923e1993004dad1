# Berth in a container: berthd and berth, as bundles that need Node.js alone. It runs as a user without rights, on a file system
# that may be read-only; what it keeps is in /data. docker-compose.yml is a whole cluster of it.
FROM node:24-trixie-slim AS build
WORKDIR /berth
COPY . .
RUN npm ci --no-audit --no-fund \
    && node tools/generate.mjs \
    && node tools/build.mjs --image /image

FROM node:24-trixie-slim
# openssl makes the certificates of a new cluster (examples/cluster-init.sh).
RUN apt-get update \
    && apt-get install --no-install-recommends -y openssl=3.* \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o node -g node /data /secrets
COPY --from=build /image /opt/berth
RUN ln -s /opt/berth/berthd/bin/berthd.js /usr/local/bin/berthd \
    && ln -s /opt/berth/berth/bin/berth.js /usr/local/bin/berth
# node of this image, by its number, so that a host can see that it is not root.
USER 1000
ENV NODE_ENV=production \
    BERTH_DATA_DIR=/data
VOLUME /data
EXPOSE 7070 7080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["berthd", "health"]
ENTRYPOINT ["berthd"]
