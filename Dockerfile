# One image for api, worker, bridge and the migrations: the command says which. No embedded engine in it.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY scripts scripts
COPY prisma prisma
COPY shared shared
COPY api api
COPY worker worker
COPY bridge bridge
RUN node scripts/generate-client.js && npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/dist dist
USER node
# Overridden by the compose file and the Kubernetes example: dist/worker/main.js, dist/bridge/main.js, dist/scripts/migrate.js.
CMD ["node", "--enable-source-maps", "dist/api/main.js"]
