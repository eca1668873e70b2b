# Slipstream in one image: packages and the page are built in the first stage, the second holds what runs.
# Node 24 is the image's own, so the packages that bring it along are left out.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# esbuild's binary is an optional package too, hence not --omit=optional
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/node-bin-*
COPY . .
# the page, so that nothing is written below /app later
RUN node --disable-warning=ExperimentalWarning -e "import('./src/app.ts').then(app => app.buildPage())"

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 SLIPSTREAM_DATA_DIR=/data SLIPSTREAM_HOST=0.0.0.0
WORKDIR /app
COPY --from=build --chown=root:root /app /app
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", "--max-semi-space-size=24", "--v8-pool-size=2", "src/cli/main.ts"]
CMD ["up", "--no-open"]
