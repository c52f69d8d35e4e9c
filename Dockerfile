# One image for everything that `ponte` does: `ponte --help`. No embedded PostgreSQL in it.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json prisma.config.ts ./
COPY scripts scripts
COPY prisma prisma
COPY shared shared
COPY admin admin
COPY api api
COPY worker worker
COPY bridge bridge
COPY simulators simulators
COPY embedded embedded
COPY cli cli
# Without optional packages: those are the tools that the client generator would like to have at hand.
RUN node scripts/generate-client.js && npm run build && npm prune --omit=dev --omit=optional --ignore-scripts
RUN mkdir bin && ln -s ../cli/ponte.js bin/ponte

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/dist dist
COPY --from=build /app/cli/ponte.js cli/ponte.js
COPY --from=build /app/bin bin
ENV PATH=/app/bin:$PATH
# The user of the base image, by number: Kubernetes can tell then that it is not root.
USER 1000
EXPOSE 3000 3001 3002
# The compose file and the Kubernetes example say `ponte worker`, `ponte bridge` and `ponte migrate` instead.
CMD ["ponte", "api"]
