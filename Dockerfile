# One image for api, worker, bridge, the migrations and the commands: the command says which. No embedded engine in it.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY scripts scripts
COPY prisma prisma
COPY shared shared
COPY admin admin
COPY api api
COPY worker worker
COPY bridge bridge
# Without optional packages: those are the tools that the client generator would like to have at hand.
RUN node scripts/generate-client.js && npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/dist dist
# The user of the base image, by number: Kubernetes can tell then that it is not root.
USER 1000
EXPOSE 3000 3001 3002
# Overridden by the compose file and the Kubernetes example: dist/worker/main.js, dist/bridge/main.js, dist/scripts/migrate.js,
# dist/scripts/keys.js, dist/api/accounts-cli.js.
CMD ["node", "--enable-source-maps", "dist/api/main.js"]
