# An image of Signalbox. Build it in this folder:
#
#   docker build -t signalbox .
#
# It runs the example of this repository by itself. Your own project goes on top, by a Dockerfile in the project's folder:
#
#   FROM signalbox
#   COPY --chown=1000:1000 package.json package-lock.json ./
#   RUN npm ci && npm install --no-save /opt/signalbox/signalbox.tgz
#   COPY --chown=1000:1000 . .
#
# with a .dockerignore that leaves out node_modules, .env and .signalbox. The image brings signalbox: where package.json names
# it by the path of a tarball, as `npm install PATH/TO/signalbox-….tgz` has left it, `npm ci` would look for that in the image
# and fail, so take it out first (`npm uninstall signalbox`). The project brings @langchain/langgraph and
# @langchain/core in versions of its own. NODE_ENV is "production", so npm leaves devDependencies out; where the schemas of
# graphs are read from TypeScript source, `typescript` must be among the dependencies.

ARG NODE_VERSION=20

# The package, as it would be published.
FROM node:${NODE_VERSION}-slim AS package
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm pack && mv signalbox-*.tgz /signalbox.tgz

FROM node:${NODE_VERSION}-slim
ENV NODE_ENV=production \
    SIGNALBOX_HOST=0.0.0.0 \
    SIGNALBOX_PORT=8123
COPY --from=package /signalbox.tgz /opt/signalbox/signalbox.tgz
RUN mkdir /app && chown 1000:1000 /app
WORKDIR /app
# The user `node`, by number: Kubernetes can tell only of a number that it is not root.
USER 1000:1000
RUN echo '{ "private": true, "type": "module" }' > package.json \
    && npm install --no-audit --no-fund /opt/signalbox/signalbox.tgz @langchain/langgraph@^1.7.3 @langchain/core@^1.4.0 \
    && npm cache clean --force
COPY --chown=1000:1000 langgraph.json ./
COPY --chown=1000:1000 examples ./examples

EXPOSE 8123
# SIGTERM is what the server stops by in order. It handles it as the first process of a container, too: no init is needed.
STOPSIGNAL SIGTERM
# `http.mount_prefix` of langgraph.json stands before this route as before all others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SIGNALBOX_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/node_modules/.bin/signalbox"]
CMD ["start"]
